import { defineFact, type FactContext } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { parseDhclientConf, sentHostNames } from '../formats/dhclient-conf.ts';
import { isLoopback, parseHosts } from '../formats/hosts.ts';
import { parseShellAssignments } from '../formats/shell-assignments.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import { distribution } from './distribution.ts';

/**
 * `static`: the name that the machine takes at boot. `pretty`: shown to people. `dhcp`: sent to DHCP servers from an
 * interface or system setting. `dhclient`: sent by dhclient. `hosts`: a loopback line of /etc/hosts.
 */
export type HostNameUse = 'static' | 'pretty' | 'dhcp' | 'dhclient' | 'hosts';

export interface HostNameSetting {
  readonly use: HostNameUse;
  readonly name: string;
  /** A name that distributions ship or deprovisioning leaves: it tells no machine from another. */
  readonly isNeutral: boolean;
  readonly evidence: Evidence;
}

export interface HostName {
  /** Every name found, static ones first; a file without a name gives none. */
  readonly settings: readonly HostNameSetting[];
  /** The static name that distinguishes this machine; undefined when there is none or it is neutral. */
  readonly specific?: HostNameSetting;
  readonly unread: readonly CouldNotRead[];
}

interface Source {
  readonly use: HostNameUse;
  readonly path: string;
  readonly names: (text: string) => readonly { readonly name: string; readonly line: number }[];
}

const assigned = (key: string) => (text: string) => {
  const { value = '', line = 1 } = parseShellAssignments(text).byKey.get(key) ?? {};
  return value === '' ? [] : [{ name: value, line }];
};

/** systemd's `read_etc_hostname_stream`: the first line that is neither blank nor a comment. */
const firstLine = (text: string) => {
  const lines = text.split('\n').map((line, index) => ({ name: line.trim(), line: index + 1 }));
  return lines.filter(({ name }) => name !== '' && !name.startsWith('#')).slice(0, 1);
};

const loopbackNames = (text: string) =>
  parseHosts(text)
    .filter(({ address }) => isLoopback(address))
    .flatMap(({ names, line }) => names.map((name) => ({ name, line })));

const sources: readonly Source[] = [
  { use: 'static', path: '/etc/hostname', names: firstLine },
  // SLES 11; later releases link it to /etc/hostname.
  { use: 'static', path: '/etc/HOSTNAME', names: firstLine },
  { use: 'static', path: '/etc/myname', names: firstLine },
  // RHEL 6; later releases ignore the key.
  { use: 'static', path: '/etc/sysconfig/network', names: assigned('HOSTNAME') },
  { use: 'static', path: '/etc/rc.conf', names: assigned('hostname') },
  { use: 'static', path: '/etc/conf.d/hostname', names: assigned('hostname') },
  { use: 'pretty', path: '/etc/machine-info', names: assigned('PRETTY_HOSTNAME') },
  { use: 'dhcp', path: '/etc/sysconfig/network-scripts/ifcfg-eth0', names: assigned('DHCP_HOSTNAME') },
  { use: 'dhcp', path: '/etc/sysconfig/network/dhcp', names: assigned('DHCLIENT_HOSTNAME_OPTION') },
  ...['/etc/dhcp/dhclient.conf', '/etc/dhclient.conf', '/etc/dhcp3/dhclient.conf'].map(
    (path): Source => ({ use: 'dhclient', path, names: (text) => sentHostNames(parseDhclientConf(text)) }),
  ),
  { use: 'hosts', path: '/etc/hosts', names: loopbackNames },
];

/** Names that official images carry, that `waagent -deprovision` writes, or that stand for "none"; first labels. */
const neutralLabels = ['', 'localhost', 'localhost4', 'localhost6', 'ip6-localhost', 'ip6-loopback', '(none)', 'linux'];
const distributionLabels = ['debian', 'ubuntu', 'azurelinux', 'mariner', 'fedora', 'auto'];
const neutralDomains = ['', 'localdomain', 'localdomain4', 'localdomain6', 'local'];

/** Host names that the image would give a new machine. */
export const hostname = defineFact<HostName>({
  id: 'hostname',
  description: 'Host names configured in the image, and whether they distinguish a machine.',
  reads: sources.map(({ path }) => path),
  async compute(context) {
    const neutral = await neutralNames(context);
    const results = sources.map((source) => attempt(() => settingsOf(context, source, neutral)));
    const settings = results.flatMap((result) => (isCouldNotRead(result) ? [] : result));
    const specific = settings.find(({ use, isNeutral }) => use === 'static' && !isNeutral);
    return { settings, ...(specific && { specific }), unread: results.filter(isCouldNotRead) };
  },
});

function settingsOf({ rootFs }: FactContext, source: Source, neutral: readonly string[]): readonly HostNameSetting[] {
  // /etc/sysconfig/network is a directory on SUSE.
  if (rootFs.stat(source.path)?.type === 'directory') return [];
  if (source.path === '/etc/HOSTNAME' && rootFs.realPath(source.path) === '/etc/hostname') return [];
  const text = rootFs.readText(source.path) ?? '';
  const lines = text.split('\n');
  return source.names(text).map(({ name, line }) => ({
    use: source.use,
    name,
    isNeutral: isNeutralName(name, neutral),
    evidence: { path: source.path, line, text: lines[line - 1] ?? '' },
  }));
}

async function neutralNames(context: FactContext): Promise<readonly string[]> {
  try {
    const found = await context.get(distribution);
    return [...neutralLabels, ...distributionLabels, ...(found ? [found.id] : [])];
  } catch (error) {
    // Without os-release only the distribution's own id goes unrecognised, a name in a thousand.
    if (isCouldNotRead(error)) return [...neutralLabels, ...distributionLabels];
    throw error;
  }
}

/** `?` is systemd's placeholder for a digit of the machine id, so such a name differs on each machine. */
function isNeutralName(name: string, neutral: readonly string[]): boolean {
  const [label = '', ...domain] = name.toLowerCase().split('.');
  return name.includes('?') || (neutral.includes(label) && neutralDomains.includes(domain.join('.')));
}
