import { parseFirewalldDirect, parseFirewalldPolicy } from '../../formats/firewalld.ts';
import type { RootFs } from '../../image/root-fs.ts';
import { expandGlob } from '../expand-glob.ts';
import type { HookedChain, LoadedFilter } from '../packet-filters.ts';

/** Direct rules and policies for what the machine sends; zones decide about the rest of what it gets. */
export function loadFirewalld(rootFs: RootFs): LoadedFilter {
  const direct = '/etc/firewalld/direct.xml';
  const tables = [...parseFirewalldDirect(rootFs.readText(direct) ?? '').values()];
  const ofTables = tables.flatMap((table): HookedChain[] => [
    { direction: 'in', name: 'INPUT', table, path: direct },
    { direction: 'out', name: 'OUTPUT', table, path: direct },
  ]);
  const policies = expandGlob(rootFs, '/etc/firewalld/policies/*.xml').flatMap((path): HookedChain[] => {
    const chain = parseFirewalldPolicy(rootFs.readText(path) ?? '');
    const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.xml$/, '');
    return chain ? [{ direction: 'out', name, table: new Map([[name, chain]]), path }] : [];
  });
  const chains = [...ofTables, ...policies];
  const paths = [...new Set(chains.map(({ path }) => path))];
  const rules = tables.flatMap((table) => [...table.values()]).flatMap((chain) => chain.rules);
  return { evidence: paths.map((path) => ({ path })), chains, ruleCount: rules.length + policies.length };
}
