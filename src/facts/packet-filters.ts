import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { type Connection, type Fate, type FilterTable, fateOf } from '../formats/packet-filter.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { loadFirewalld } from './packet-filters/firewalld.ts';
import { loadIptables } from './packet-filters/iptables.ts';
import { loadNftables } from './packet-filters/nftables.ts';
import { loadUfw } from './packet-filters/ufw.ts';
import { unitFiles } from './unit-files.ts';

/** A chain that the kernel calls, with the file that describes it. */
export interface HookedChain {
  readonly direction: Connection['direction'];
  readonly name: string;
  readonly table: FilterTable;
  readonly path: string;
  /** Where lines of other files stand in the table: the file of a line by its text. */
  readonly pathOf?: (text: string) => string | undefined;
  /** What decides, where that is not the chain's policy or a rule of the service. */
  readonly names?: { readonly rule: string; readonly policy: string };
}

/** What one service makes the kernel do. */
export interface LoadedFilter {
  /** Files with the rules. */
  readonly evidence: readonly Evidence[];
  readonly chains: readonly HookedChain[];
  /** Rules of all chains, as far as they are not part of every installation. */
  readonly ruleCount: number;
}

/** What becomes of a connection at one chain. */
export interface PlacedFate {
  readonly verdict: Fate['verdict'];
  readonly by: 'rule' | 'policy' | 'nothing';
  /** What decides, as a noun phrase. */
  readonly how: string;
  /** Undefined where nothing decides. */
  readonly evidence?: Evidence;
}

export interface PacketFilter extends Omit<LoadedFilter, 'chains'> {
  readonly tool: 'iptables' | 'nftables' | 'ufw' | 'firewalld';
  readonly service: string;
  /** At each chain that the connection passes; it gets through where none drops it. */
  readonly judge: (connection: Connection) => readonly PlacedFate[];
}

export interface PacketFilters {
  readonly filters: readonly PacketFilter[];
  readonly unread: readonly CouldNotRead[];
}

type Load = (rootFs: RootFs) => LoadedFilter | undefined;

/** Services that load rules at boot, each with the files that its distributions give it; the first that is there counts. */
const loaders: readonly (readonly [tool: PacketFilter['tool'], service: string, load: Load])[] = [
  [
    'iptables',
    'iptables.service',
    loadIptables(['/etc/sysconfig/iptables', '/etc/iptables/iptables.rules', '/etc/systemd/scripts/ip4save']),
  ],
  ['iptables', 'netfilter-persistent.service', loadIptables(['/etc/iptables/rules.v4'])],
  ['nftables', 'nftables.service', loadNftables(['/etc/sysconfig/nftables.conf', '/etc/nftables.conf'])],
  ['ufw', 'ufw.service', loadUfw],
  ['firewalld', 'firewalld.service', loadFirewalld],
];

/** Packet filters at rest; what programs add while the machine runs is not in the image. */
export const packetFilters = defineFact<PacketFilters>({
  id: 'packet-filters',
  description: 'Rules that iptables, nftables, ufw and firewalld load at boot, and what they do to a connection.',
  reads: [
    '/etc/sysconfig/{iptables,nftables.conf}',
    '/etc/iptables/*',
    '/etc/nftables.conf',
    '/etc/ufw/{ufw.conf,*.rules}',
    '/etc/firewalld/{direct.xml,policies/*.xml}',
  ],
  async compute(context) {
    const units = await context.get(unitFiles);
    const loaded = loaders
      .filter(([, service]) => units.state(service).startsAtBoot)
      .map(([tool, service, load]) =>
        attempt(() => {
          const filter = load(context.rootFs);
          return filter && describe(tool, service, filter);
        }),
      );
    return {
      filters: loaded.flatMap((filter) => (filter === undefined || isCouldNotRead(filter) ? [] : [filter])),
      unread: loaded.filter(isCouldNotRead),
    };
  },
});

function describe(tool: PacketFilter['tool'], service: string, { chains, ...loaded }: LoadedFilter): PacketFilter {
  return {
    tool,
    service,
    ...loaded,
    judge: (connection) =>
      chains
        .filter(({ direction }) => direction === connection.direction)
        .map((chain) => place(chain, service, fateOf(chain.table, chain.name, connection))),
  };
}

function place({ name, path, pathOf, names }: HookedChain, service: string, { verdict, decided }: Fate): PlacedFate {
  const usual = { rule: `a rule of ${service}`, policy: `the policy of the chain ${name}` };
  if (!decided) return { verdict, by: 'nothing', how: usual.policy };
  const { by, line, text } = decided;
  return { verdict, by, how: (names ?? usual)[by], evidence: { path: pathOf?.(text) ?? path, line, text } };
}
