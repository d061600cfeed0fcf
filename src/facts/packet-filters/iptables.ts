import { parseIptablesSave } from '../../formats/iptables-save.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { HookedChain, LoadedFilter } from '../packet-filters.ts';

/** A file for iptables-restore. The table nat drops nothing: iptables refuses such a rule. */
export function loadIptables(paths: readonly string[]): (rootFs: RootFs) => LoadedFilter | undefined {
  return (rootFs) => {
    const path = paths.find((candidate) => rootFs.stat(candidate)?.type === 'file');
    if (path === undefined) return undefined;
    const { tables, ruleCount } = parseIptablesSave(rootFs.readText(path) ?? '');
    const chains = [...tables].flatMap(([name, table]): HookedChain[] =>
      name === 'nat'
        ? []
        : [
            { direction: 'in', name: 'INPUT', table, path },
            { direction: 'out', name: 'OUTPUT', table, path },
          ],
    );
    return { evidence: [{ path }], chains, ruleCount };
  };
}
