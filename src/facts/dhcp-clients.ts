import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { parseDhclientConf } from '../formats/dhclient-conf.ts';
import { parseKeyfile } from '../formats/network-manager-keyfile.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { filesByName } from './first-nic/files.ts';
import { networkManager } from './network-manager.ts';

export type DhcpProgram =
  | 'dhclient'
  | 'dhcpcd'
  | 'udhcpc'
  | 'NetworkManager'
  | 'systemd-networkd'
  | 'wicked'
  | 'connman';

/** How long a client waits for a server before it gives up, where a file says so. */
export interface DhcpTimeout {
  readonly program: DhcpProgram;
  /** Infinity for no limit. */
  readonly seconds: number;
  readonly evidence: Evidence;
}

export interface DhcpClients {
  /** Programs in the image that ask for an address, each with its path. */
  readonly programs: readonly { readonly program: DhcpProgram; readonly evidence: Evidence }[];
  readonly timeouts: readonly DhcpTimeout[];
  readonly unread: readonly CouldNotRead[];
}

const commandDirectories = ['/usr/sbin', '/sbin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/local/bin'];
const inCommandDirectories = (name: string) => commandDirectories.map((directory) => `${directory}/${name}`);
const places: Readonly<Record<DhcpProgram, readonly string[]>> = {
  dhclient: inCommandDirectories('dhclient'),
  dhcpcd: inCommandDirectories('dhcpcd'),
  udhcpc: inCommandDirectories('udhcpc'),
  NetworkManager: inCommandDirectories('NetworkManager'),
  'systemd-networkd': ['/usr/lib/systemd/systemd-networkd', '/lib/systemd/systemd-networkd'],
  wicked: ['/usr/lib/wicked/bin/wickedd-dhcp4', '/usr/libexec/wicked/bin/wickedd-dhcp4'],
  connman: inCommandDirectories('connmand'),
};

const dhclientFiles = ['/etc/dhcp/dhclient.conf', '/etc/dhclient.conf', '/etc/dhcp3/dhclient.conf'];
const keyfileDirectories = ['/etc', '/run', '/usr/lib'].map((parent) => `${parent}/NetworkManager/system-connections`);

/** DHCP clients of the image and the timeouts that their configuration sets. */
export const dhcpClients = defineFact<DhcpClients>({
  id: 'dhcp-clients',
  description: 'Programs that can ask for an address, and configured DHCP timeouts.',
  reads: [...Object.values(places).flat(), ...dhclientFiles, '/etc/dhcpcd.conf'],
  async compute(context) {
    const { rootFs } = context;
    const programs = Object.entries(places).flatMap(([name, paths]) => {
      const path = paths.find((candidate) => rootFs.stat(candidate)?.type === 'file');
      // The keys are those of the table above.
      return path === undefined ? [] : [{ program: name as DhcpProgram, evidence: { path } }];
    });
    const manager = await context.get(networkManager);
    const ofManager = manager.settings
      .filter(({ group, key }) => /^connection(?:[-.]|$)/.test(group) && key === 'ipv4.dhcp-timeout')
      .flatMap(({ value, evidence: [evidence] }) => (evidence ? timeout('NetworkManager', value, evidence) : []));
    const read = [
      attempt(() => dhclientTimeouts(rootFs)),
      attempt(() => dhcpcdTimeouts(rootFs)),
      attempt(() => keyfileTimeouts(rootFs)),
    ];
    return {
      programs,
      timeouts: [...read.flatMap((found) => (isCouldNotRead(found) ? [] : found)), ...ofManager],
      unread: [...read.filter(isCouldNotRead), ...manager.unread],
    };
  },
});

/** NetworkManager takes 0 for its default; `infinity` and the largest number for no limit. */
function timeout(program: DhcpProgram, value: string, evidence: Evidence): DhcpTimeout[] {
  const isInfinite = value === 'infinity' || value === '2147483647';
  const seconds = isInfinite ? Number.POSITIVE_INFINITY : /^\d{1,10}$/.test(value) ? Number(value) : 0;
  return seconds > 0 ? [{ program, seconds, evidence }] : [];
}

/** dhclient reads one file; a `timeout` within the braces of another interface is not for the first. */
function dhclientTimeouts(rootFs: RootFs): DhcpTimeout[] {
  const path = dhclientFiles.find((candidate) => rootFs.stat(candidate)?.type === 'file');
  const text = path === undefined ? undefined : rootFs.readText(path);
  if (path === undefined || text === undefined) return [];
  return parseDhclientConf(text).statements.flatMap(({ words, line, scope }) => {
    const [keyword, value] = words;
    const isForFirst = scope.length === 0 || (scope.length === 1 && scope[0] === 'interface eth0');
    if (keyword?.text.toLowerCase() !== 'timeout' || keyword.quoted || !isForFirst) return [];
    return timeout('dhclient', value?.text ?? '', { path, line, text: words.map((word) => word.text).join(' ') });
  });
}

/** dhcpcd.conf(5): the last `timeout` before any `interface` block; 0 waits for ever. */
function dhcpcdTimeouts(rootFs: RootFs): DhcpTimeout[] {
  const path = '/etc/dhcpcd.conf';
  const lines = rootFs.readText(path)?.split('\n') ?? [];
  const end = lines.findIndex((line) => /^\s*(?:interface|ssid|profile)\s/.test(line));
  const ofAll = end < 0 ? lines : lines.slice(0, end);
  const index = ofAll.findLastIndex((line) => /^\s*timeout\s+\d+/.test(line));
  const value = /\d+/.exec(ofAll[index] ?? '')?.[0];
  if (value === undefined) return [];
  const evidence = { path, line: index + 1, text: (ofAll[index] ?? '').trim() };
  return timeout('dhcpcd', value === '0' ? 'infinity' : value, evidence);
}

function keyfileTimeouts(rootFs: RootFs): DhcpTimeout[] {
  return filesByName(rootFs, keyfileDirectories, (name) => name.endsWith('.nmconnection')).flatMap((file) => {
    if (isCouldNotRead(file)) throw file;
    const found = parseKeyfile(file.text).get('ipv4', 'dhcp-timeout');
    if (found === undefined) return [];
    const evidence = { path: file.path, line: found.line, text: `dhcp-timeout=${found.value}` };
    return timeout('NetworkManager', found.value, evidence);
  });
}
