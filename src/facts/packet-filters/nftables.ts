import { parseNftables } from '../../formats/nftables.ts';
import type { RootFs } from '../../image/root-fs.ts';
import { expandGlob } from '../expand-glob.ts';
import type { HookedChain, LoadedFilter } from '../packet-filters.ts';

/** A file for `nft -f` with what it includes; files that include each other are read once. */
export function loadNftables(paths: readonly string[]): (rootFs: RootFs) => LoadedFilter | undefined {
  return (rootFs) => {
    const start = paths.find((candidate) => rootFs.stat(candidate)?.type === 'file');
    if (start === undefined) return undefined;
    const pending = [start];
    const chains: HookedChain[] = [];
    let count = 0;
    for (const path of pending) {
      const { baseChains, ruleCount, includes } = parseNftables(rootFs.readText(path) ?? '');
      count += ruleCount;
      for (const { name, hook, table } of baseChains) {
        // A policy is as good as a rule that drops the rest.
        if (table.get(name)?.policy?.verdict === 'drop') count += 1;
        chains.push({ direction: hook === 'input' ? 'in' : 'out', name, table, path });
      }
      const found = includes.flatMap((pattern) =>
        expandGlob(rootFs, pattern.startsWith('/') ? pattern : `/etc/${pattern}`),
      );
      pending.push(...found.filter((other) => !pending.includes(other)));
    }
    return { evidence: pending.map((path) => ({ path })), chains, ruleCount: count };
  };
}
