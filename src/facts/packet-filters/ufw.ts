import { parseIptablesSave } from '../../formats/iptables-save.ts';
import type { FilterChain } from '../../formats/packet-filter.ts';
import { parseShellAssignments } from '../../formats/shell-assignments.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { HookedChain, LoadedFilter } from '../packet-filters.ts';

const switchPath = '/etc/ufw/ufw.conf';
const defaultsPath = '/etc/default/ufw';
const userPath = '/etc/ufw/user.rules';
const stages = ['before', 'user', 'after'];
const policies = new Map<string, 'accept' | 'drop' | 'reject'>([
  ['ACCEPT', 'accept'],
  ['DROP', 'drop'],
  ['REJECT', 'reject'],
]);
/** Directions with the setting of their policy, and what ufw takes without it. */
const hooks = [
  { direction: 'in', suffix: 'input', chain: 'INPUT', otherwise: 'DROP' },
  { direction: 'out', suffix: 'output', chain: 'OUTPUT', otherwise: 'ACCEPT' },
] as const;

/** ufw's own chains in the order in which its start script links them; the policies stand in another file. */
export function loadUfw(rootFs: RootFs): LoadedFilter | undefined {
  const settings = (path: string) => parseShellAssignments(rootFs.readText(path) ?? '').byKey;
  const enabled = settings(switchPath).get('ENABLED');
  if (enabled?.value.toLowerCase() !== 'yes') return undefined;
  const defaults = settings(defaultsPath);
  const files = stages.map((stage) => {
    const path = `/etc/ufw/${stage}.rules`;
    return {
      path,
      table: parseIptablesSave(rootFs.readText(path) ?? '').tables.get('filter') ?? new Map<string, FilterChain>(),
    };
  });
  const own = new Map<string, FilterChain>(files.flatMap(({ table }) => [...table]));
  const pathOf = (text: string) => {
    if (/^\w+=/.test(text)) return defaultsPath;
    return files.find(({ table }) => [...table.values()].some(({ rules }) => rules.some((rule) => rule.text === text)))
      ?.path;
  };
  const chains = hooks.map(({ direction, suffix, chain, otherwise }): HookedChain => {
    const setting = defaults.get(`DEFAULT_${chain}_POLICY`);
    const verdict = policies.get((setting?.value ?? otherwise).toUpperCase()) ?? 'drop';
    const rules = stages.map((stage) => ({
      conditions: [],
      verdict: { chain: `ufw-${stage}-${suffix}` },
      line: 1,
      text: '',
    }));
    const policy = { verdict, line: setting?.line ?? 1, text: setting?.text ?? '' };
    const names = { rule: 'a rule of ufw', policy: `the default ${suffix} policy of ufw` };
    return { direction, name: chain, table: new Map(own).set(chain, { rules, policy }), path: userPath, pathOf, names };
  });
  const ofUser = [...own].filter(([name]) => /^ufw-user-(?:input|output|forward)$/.test(name));
  const evidence = [{ path: switchPath, line: enabled.line, text: enabled.text }, { path: userPath }];
  return { evidence, chains, ruleCount: ofUser.reduce((sum, [, { rules }]) => sum + rules.length, 0) };
}
