import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { parseFirewalldZone } from '../formats/firewalld-zone.ts';
import type { Connection } from '../formats/packet-filter.ts';
import { parseShellAssignments } from '../formats/shell-assignments.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { type PacketFilter, type PlacedFate, packetFilters } from './packet-filters.ts';
import { type UnitState, unitFiles } from './unit-files.ts';

/** A packet filter that a boot of the image puts in place. */
export interface Firewall {
  readonly tool: 'firewalld' | 'ufw' | 'iptables' | 'nftables';
  /** Whether a new connection to TCP port 22 gets through. */
  readonly ssh: 'open' | 'closed' | 'undecided';
  /** What decides, in words that complete "port 22 is closed: …". */
  readonly reason: string;
  /** The rules are other than the distribution's own. */
  readonly hasOwnRules: boolean;
  readonly evidence: readonly Evidence[];
}

export interface Firewalls {
  readonly firewalls: readonly Firewall[];
  readonly unread: readonly CouldNotRead[];
}

const ssh: Connection = { direction: 'in', port: 22 };

/** Packet filters that start at boot, and whether they let SSH in. */
export const firewall = defineFact<Firewalls>({
  id: 'firewall',
  description: 'firewalld, ufw, iptables and nftables: which start at boot and whether TCP port 22 is open.',
  reads: [...packetFilters.reads, '/{etc,usr/lib}/firewalld/**'],
  async compute({ rootFs, get }) {
    const { state } = await get(unitFiles);
    const { filters, unread } = await get(packetFilters);
    const read = filters.map((filter) =>
      attempt(() =>
        filter.tool === 'firewalld' ? ofFirewalld(rootFs, state(filter.service), filter) : ofRules(filter),
      ),
    );
    return {
      firewalls: read.flatMap((each) => (isCouldNotRead(each) ? [] : [each])),
      unread: [...unread, ...read.filter(isCouldNotRead)],
    };
  },
});

/** Of the chains that a new connection to port 22 passes, the one that is worst for it. */
function reachOfSsh(filter: PacketFilter): PlacedFate | undefined {
  const fates = filter.judge(ssh);
  const badness = ({ verdict }: PlacedFate) => ['accept', 'undecided', 'reject', 'drop'].indexOf(verdict);
  return fates.toSorted((a, b) => badness(b) - badness(a))[0];
}

const answers = { accept: 'open', undecided: 'undecided', drop: 'closed', reject: 'closed' } as const;

function ofRules(filter: PacketFilter): Firewall {
  const { tool, evidence, ruleCount } = filter;
  const fate = reachOfSsh(filter);
  return {
    tool,
    ssh: fate ? answers[fate.verdict] : 'open',
    reason: fate ? reasonOf(tool, fate) : 'no rule drops it',
    hasOwnRules: ruleCount > 0,
    evidence: fate?.by === 'rule' && fate.evidence ? [fate.evidence] : evidence,
  };
}

function reasonOf(tool: PacketFilter['tool'], { verdict, by }: PlacedFate): string {
  if (verdict === 'undecided') return 'files do not show whether the rule applies that accepts it';
  if (by === 'rule') return verdict === 'accept' ? 'a rule accepts it' : `a rule says ${verdict.toUpperCase()}`;
  if (verdict === 'accept') return 'no rule drops it';
  if (tool === 'ufw') return 'ufw drops what no rule allows, and none allows it';
  return tool === 'nftables' ? 'rules drop packets, and none names the port' : 'the policy drops what no rule accepts';
}

/** The default zone decides, unless a direct rule does so before. */
function ofFirewalld(rootFs: RootFs, unit: UnitState, filter: PacketFilter): Firewall {
  const direct = reachOfSsh(filter);
  if (direct?.by === 'rule') return ofRules(filter);
  const path = '/etc/firewalld/firewalld.conf';
  const { byKey } = parseShellAssignments(rootFs.readText(path) ?? '');
  const configured = byKey.get('DefaultZone');
  const name = configured?.value || 'public';
  const file = ['/etc', '/usr/lib']
    .map((parent) => `${parent}/firewalld/zones/${name}.xml`)
    .find((each) => rootFs.stat(each));
  const at = configured ? { path, line: configured.line, text: configured.text } : { path };
  const common = { tool: 'firewalld', evidence: [at, ...(file ? [{ path: file }] : []), ...unit.evidence] } as const;
  const text = file === undefined ? undefined : rootFs.readText(file);
  if (file === undefined || text === undefined) {
    const isKnown = name === 'drop' || name === 'block';
    const reason = isKnown ? `the default zone is ${name}` : `there is no file for the default zone ${name}`;
    return { ...common, ssh: isKnown ? 'closed' : 'undecided', reason, hasOwnRules: configured !== undefined };
  }
  const { target, services, ports } = parseFirewalldZone(text);
  const isOpen =
    target === 'ACCEPT' || services.includes('ssh') || ports.some((port) => /\/tcp$/.test(port) && holdsPort(port));
  const reason = `the default zone ${name} ${isOpen ? 'has' : 'lacks'} the service ssh`;
  return { ...common, ssh: isOpen ? 'open' : 'closed', reason, hasOwnRules: file.startsWith('/etc/') };
}

/** `22`, or a range around it, as `20-25` or `20:25`, a protocol behind it or not. */
function holdsPort(text: string): boolean {
  const [, from, to] = /^(\d+|ssh)(?:[-:](\d+))?(?:\/\w+)?$/.exec(text) ?? [];
  if (from === 'ssh') return true;
  return Number(from) <= 22 && 22 <= Number(to ?? from);
}
