import { defineFact, type FactContext } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { parseFirewalldZone } from '../formats/firewalld-zone.ts';
import { type IptablesSave, parseIptablesSave } from '../formats/iptables-save.ts';
import { parseShellAssignments } from '../formats/shell-assignments.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { type UnitFiles, unitFiles } from './unit-files.ts';

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

type Reader = (rootFs: RootFs, units: UnitFiles) => Firewall | undefined;

/** Packet filters that start at boot, and whether they let SSH in. */
export const firewall = defineFact<Firewalls>({
  id: 'firewall',
  description: 'firewalld, ufw, iptables and nftables: which start at boot and whether TCP port 22 is open.',
  reads: [
    '/{etc,usr/lib}/firewalld/**',
    '/etc/ufw/{ufw.conf,user.rules}',
    '/etc/{sysconfig/iptables,iptables/rules.v4,nftables.conf,sysconfig/nftables.conf}',
  ],
  async compute({ rootFs, get }: FactContext) {
    const units = await get(unitFiles);
    const readers: readonly Reader[] = [readFirewalld, readUfw, readIptables, readNftables];
    const found = readers.map((read) => attempt(() => read(rootFs, units)));
    return {
      firewalls: found.flatMap((each) => (each === undefined || isCouldNotRead(each) ? [] : [each])),
      unread: found.filter(isCouldNotRead),
    };
  },
});

function readFirewalld(rootFs: RootFs, { state }: UnitFiles): Firewall | undefined {
  const unit = state('firewalld.service');
  if (!unit.startsAtBoot) return undefined;
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

function readUfw(rootFs: RootFs, { state }: UnitFiles): Firewall | undefined {
  const path = '/etc/ufw/ufw.conf';
  const enabled = parseShellAssignments(rootFs.readText(path) ?? '').byKey.get('ENABLED');
  const unit = state('ufw.service');
  if (!enabled || !/^yes$/i.test(enabled.value) || !unit.startsAtBoot) return undefined;
  const defaults = parseShellAssignments(rootFs.readText('/etc/default/ufw') ?? '').byKey;
  const rulesPath = '/etc/ufw/user.rules';
  // ufw keeps each rule as a comment in its own words beside what iptables gets.
  const tuples = (rootFs.readText(rulesPath) ?? '').split('\n').filter((line) => line.startsWith('### tuple ###'));
  const lets = tuples.some((line) => {
    const [action = '', protocol = '', port = ''] = line.split(/\s+/).slice(3);
    return (
      /^(?:allow|limit)/.test(action) &&
      /^(?:tcp|any)$/.test(protocol) &&
      (port === 'any' || port.split(',').some(holdsPort))
    );
  });
  const isOpen = lets || defaults.get('DEFAULT_INPUT_POLICY')?.value === 'ACCEPT';
  const reason = isOpen ? 'ufw has a rule for it' : 'ufw drops what no rule allows, and none allows it';
  const evidence = [{ path, line: enabled.line, text: enabled.text }, { path: rulesPath }];
  return { tool: 'ufw', ssh: isOpen ? 'open' : 'closed', reason, hasOwnRules: tuples.length > 0, evidence };
}

function readIptables(rootFs: RootFs, { state }: UnitFiles): Firewall | undefined {
  const sources = [
    { unit: 'iptables.service', path: '/etc/sysconfig/iptables' },
    { unit: 'netfilter-persistent.service', path: '/etc/iptables/rules.v4' },
    { unit: 'iptables.service', path: '/etc/iptables/iptables.rules' },
  ];
  for (const { unit, path } of sources) {
    const text = state(unit).startsAtBoot ? rootFs.readText(path) : undefined;
    if (text === undefined) continue;
    const rules = parseIptablesSave(text);
    const { ssh, reason, line } = reachOfSsh(rules);
    const evidence = [{ path, ...(line && { line: line.line, text: line.text }) }];
    return { tool: 'iptables', ssh, reason, hasOwnRules: rules.ruleCount > 0, evidence };
  }
  return undefined;
}

/** The first rule that decides about a new connection to port 22; one that jumps elsewhere leaves it undecided. */
function reachOfSsh({
  input,
  policy,
}: IptablesSave): Pick<Firewall, 'ssh' | 'reason'> & { line?: IptablesSave['input'][number] } {
  for (const rule of input) {
    if (!rule.isPlain || (rule.ports && !rule.ports.some(holdsPort))) continue;
    const { target } = rule;
    if (target === 'ACCEPT') return { ssh: 'open', reason: 'a rule accepts it', line: rule };
    if (target === 'DROP' || target === 'REJECT') return { ssh: 'closed', reason: `a rule says ${target}`, line: rule };
    if (target !== undefined && target !== 'LOG')
      return { ssh: 'undecided', reason: `the chain ${target} decides`, line: rule };
  }
  const isClosed = policy === 'DROP';
  return { ssh: isClosed ? 'closed' : 'open', reason: `the policy of INPUT is ${policy ?? 'ACCEPT'}` };
}

/** Only whether there are rules, and whether packets for the machine may be dropped with no word of port 22. */
function readNftables(rootFs: RootFs, { state }: UnitFiles): Firewall | undefined {
  if (!state('nftables.service').startsAtBoot) return undefined;
  const path = ['/etc/sysconfig/nftables.conf', '/etc/nftables.conf'].find((each) => rootFs.stat(each));
  const text = path === undefined ? undefined : rootFs.readText(path);
  if (path === undefined || text === undefined) return undefined;
  const lines = text.split('\n').map((line) => line.replace(/#.*$/, '').trim());
  const skeleton = /^(?:|[{}]|table .*|chain .*|flush ruleset|type .*|policy accept;?|define .*|include .*)$/;
  const rules = lines.filter((line) => !skeleton.test(line));
  const drops = lines.some((line) => /\b(?:policy drop|drop|reject)\b/.test(line));
  const namesSsh = lines.some((line) => /\bdport\b.*\b(?:22|ssh)\b/.test(line));
  const isOpen = !drops || namesSsh || lines.some((line) => line.startsWith('include'));
  const reason = isOpen ? 'no rule drops it' : 'rules drop packets, and none names the port';
  const isEmpty = rules.length === 0 && !drops;
  return { tool: 'nftables', ssh: isOpen ? 'open' : 'closed', reason, hasOwnRules: !isEmpty, evidence: [{ path }] };
}

/** `22`, or a range around it, as `20-25` or `20:25`, a protocol behind it or not. */
function holdsPort(text: string): boolean {
  const [, from, to] = /^(\d+|ssh)(?:[-:](\d+))?(?:\/\w+)?$/.exec(text) ?? [];
  if (from === 'ssh') return true;
  return Number(from) <= 22 && 22 <= Number(to ?? from);
}
