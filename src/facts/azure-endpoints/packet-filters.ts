import type { Evidence } from '../../engine/model.ts';
import { parseFirewalldDirect, parseFirewalldPolicy } from '../../formats/firewalld.ts';
import { parseIptablesTables } from '../../formats/iptables-rules.ts';
import { parseNftables } from '../../formats/nftables.ts';
import {
  blockingOf,
  type FilterChain,
  type FilterTable,
  type OutgoingConnection,
} from '../../formats/packet-filter.ts';
import { parseShellAssignments } from '../../formats/shell-assignments.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import { expandGlob } from '../expand-glob.ts';
import type { UnitFiles } from '../unit-files.ts';

/** A chain through which the machine's own packets pass once a service has loaded the file. */
export interface OutputFilter {
  readonly service: string;
  readonly path: string;
  blocks(connection: OutgoingConnection): { readonly how: string; readonly evidence: Evidence } | undefined;
}

export interface PacketFilters {
  readonly filters: readonly OutputFilter[];
  readonly unread: readonly CouldNotRead[];
}

type Load = (rootFs: RootFs) => readonly OutputFilter[];

/** Services that load rules at boot, and where each distribution keeps them; the first file that is there counts. */
const loaders: readonly (readonly [service: string, load: Load])[] = [
  [
    'iptables.service',
    saved('iptables.service', [
      '/etc/sysconfig/iptables',
      '/etc/iptables/iptables.rules',
      '/etc/systemd/scripts/ip4save',
    ]),
  ],
  ['netfilter-persistent.service', saved('netfilter-persistent.service', ['/etc/iptables/rules.v4'])],
  ['nftables.service', (rootFs) => nftables(rootFs, ['/etc/sysconfig/nftables.conf', '/etc/nftables.conf'])],
  ['ufw.service', ufw],
  ['firewalld.service', firewalld],
];

/** Rules at rest; what programs add while the machine runs is not in the image. */
export function packetFilters(rootFs: RootFs, units: UnitFiles): PacketFilters {
  const loaded = loaders
    .filter(([service]) => units.state(service).startsAtBoot)
    .map(([, load]) => attempt(() => load(rootFs)));
  return {
    filters: loaded.flatMap((filters) => (isCouldNotRead(filters) ? [] : filters)),
    unread: loaded.filter(isCouldNotRead),
  };
}

function saved(service: string, paths: readonly string[]): Load {
  return (rootFs) => {
    const path = paths.find((candidate) => rootFs.stat(candidate)?.type === 'file');
    if (path === undefined) return [];
    const tables = parseIptablesTables(rootFs.readText(path) ?? '');
    return [...tables.values()].map((table) => filter(service, path, table, 'OUTPUT'));
  };
}

function filter(service: string, path: string, table: FilterTable, chain: string): OutputFilter {
  return {
    service,
    path,
    blocks(connection) {
      const blocking = blockingOf(table, chain, connection);
      if (!blocking) return undefined;
      const how = blocking.by === 'policy' ? `the policy of the chain ${chain}` : `a rule of ${service}`;
      return { how, evidence: { path, line: blocking.line, text: blocking.text } };
    },
  };
}

/** Files that include each other are read once. */
function nftables(rootFs: RootFs, paths: readonly string[]): readonly OutputFilter[] {
  const start = paths.find((candidate) => rootFs.stat(candidate)?.type === 'file');
  const pending = start === undefined ? [] : [start];
  const filters: OutputFilter[] = [];
  for (const path of pending) {
    const { outputs, includes } = parseNftables(rootFs.readText(path) ?? '');
    filters.push(...outputs.map(({ name, table }) => filter('nftables.service', path, table, name)));
    const found = includes.flatMap((pattern) =>
      expandGlob(rootFs, pattern.startsWith('/') ? pattern : `/etc/${pattern}`),
    );
    pending.push(...found.filter((other) => !pending.includes(other)));
  }
  return filters;
}

/** ufw's own chains in the order in which its start script links them; the default policy stands in another file. */
function ufw(rootFs: RootFs): readonly OutputFilter[] {
  const settings = (path: string) => parseShellAssignments(rootFs.readText(path) ?? '').byKey;
  if (settings('/etc/ufw/ufw.conf').get('ENABLED')?.value.toLowerCase() !== 'yes') return [];
  const defaults = settings('/etc/default/ufw').get('DEFAULT_OUTPUT_POLICY');
  const files = ['before', 'user', 'after'].map((name) => `/etc/ufw/${name}.rules`);
  const tables = files.map((path) => ({ path, table: parseIptablesTables(rootFs.readText(path) ?? '').get('filter') }));
  const all = new Map<string, FilterChain>(tables.flatMap(({ table }) => [...(table ?? [])]));
  const jumps = ['before', 'user', 'after'].map((name) => ({
    conditions: [],
    verdict: { chain: `ufw-${name}-output` },
    line: 1,
    text: '',
  }));
  all.set('OUTPUT', { rules: jumps });
  const ofRules: OutputFilter = {
    service: 'ufw.service',
    path: '/etc/ufw/user.rules',
    blocks(connection) {
      const blocking = blockingOf(all, 'OUTPUT', connection);
      if (!blocking) return undefined;
      const path = tables.find(({ table }) =>
        [...(table?.values() ?? [])].some(({ rules }) => rules.some(({ text }) => text === blocking.text)),
      )?.path;
      return {
        how: 'a rule of ufw',
        evidence: { path: path ?? '/etc/ufw/user.rules', line: blocking.line, text: blocking.text },
      };
    },
  };
  if (!defaults || defaults.value.toUpperCase() === 'ACCEPT') return [ofRules];
  const { line, text } = defaults;
  const withPolicy = new Map(all).set('OUTPUT', { rules: jumps, policy: { verdict: 'drop', line, text } });
  const ofPolicy: OutputFilter = {
    service: 'ufw.service',
    path: '/etc/default/ufw',
    blocks(connection) {
      if (blockingOf(withPolicy, 'OUTPUT', connection)?.by !== 'policy') return undefined;
      return { how: 'the default output policy of ufw', evidence: { path: '/etc/default/ufw', line, text } };
    },
  };
  return [ofRules, ofPolicy];
}

function firewalld(rootFs: RootFs): readonly OutputFilter[] {
  const direct = '/etc/firewalld/direct.xml';
  const tables = parseFirewalldDirect(rootFs.readText(direct) ?? '');
  const policies = expandGlob(rootFs, '/etc/firewalld/policies/*.xml').flatMap((path) => {
    const chain = parseFirewalldPolicy(rootFs.readText(path) ?? '');
    const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.xml$/, '');
    return chain ? [filter('firewalld.service', path, new Map([[name, chain]]), name)] : [];
  });
  return [...[...tables.values()].map((table) => filter('firewalld.service', direct, table, 'OUTPUT')), ...policies];
}
