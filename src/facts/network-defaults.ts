import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { parseShellAssignments, type ShellAssignment } from '../formats/shell-assignments.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { expandGlob } from './expand-glob.ts';
import type { PlacedValue } from './first-nic/nic.ts';
import { kernelCommandLine } from './kernel-command-line.ts';
import { tryGet } from './try-get.ts';

/** A file, and one setting of it where it is set. */
export interface DefaultSetting {
  readonly file: Evidence;
  readonly setting?: PlacedValue;
}

/** A route or an address that belongs to no profile of an interface. */
export interface LooseRoute {
  /** `address`: a fixed one on the kernel command line. */
  readonly kind: 'gateway' | 'route' | 'address';
  readonly value: string;
  readonly evidence: Evidence;
}

/** Files with settings for the network as a whole. */
export interface NetworkDefaults {
  /** `NETWORKING` of /etc/sysconfig/network; undefined without the file. */
  readonly networking?: DefaultSetting;
  /** `DHCLIENT_SET_HOSTNAME` of SUSE's /etc/sysconfig/network/dhcp; undefined without the file. */
  readonly setsHostName?: DefaultSetting;
  /** Lines of Microsoft's recipe that ifcfg-eth0 of the RHEL family lacks as they stand; undefined without the file. */
  readonly ifcfgRecipe?: { readonly file: Evidence; readonly missing: readonly string[] };
  /** networkd.conf of systemd, by path. */
  readonly networkdConf: readonly Evidence[];
  /** Lines of dhcpcd.conf and dhclient.conf that name the host-name option, commented ones included. */
  readonly hostNameOption: readonly Evidence[];
  readonly routes: readonly LooseRoute[];
  readonly unread: readonly CouldNotRead[];
}

const sysconfig = '/etc/sysconfig/network';
const recipe = ['DEVICE=eth0', 'BOOTPROTO=dhcp', 'ONBOOT=yes'];
const routeFiles = [
  '/etc/sysconfig/network-scripts/route-*',
  '/etc/sysconfig/network-scripts/route6-*',
  '/etc/sysconfig/static-routes',
  '/etc/sysconfig/network/routes',
  '/etc/sysconfig/network/ifroute-*',
];

/** Settings of the network that belong to no single interface. */
export const networkDefaults = defineFact<NetworkDefaults>({
  id: 'network-defaults',
  description:
    'NETWORKING, DHCLIENT_SET_HOSTNAME, networkd.conf, the DHCP host-name option, and routes outside of profiles.',
  reads: [sysconfig, '/etc/sysconfig/network/dhcp', '/etc/{dhcpcd.conf,dhcp/dhclient.conf}', ...routeFiles],
  async compute(context) {
    const { rootFs } = context;
    const unread: CouldNotRead[] = [];
    const safely = <T>(read: () => T): T | undefined => {
      const value = attempt(read);
      if (!isCouldNotRead(value)) return value;
      unread.push(value);
      return undefined;
    };
    const networking = safely(() => setting(rootFs, sysconfig, 'NETWORKING'));
    const setsHostName = safely(() => setting(rootFs, `${sysconfig}/dhcp`, 'DHCLIENT_SET_HOSTNAME'));
    const ifcfgRecipe = safely(() => readRecipe(rootFs));
    const networkdConf = ['/etc/systemd/networkd.conf', '/usr/lib/systemd/networkd.conf'].flatMap((path) =>
      safely(() => rootFs.stat(path)?.type) === 'file' ? [{ path }] : [],
    );
    const hostNameOption = [
      ...(safely(() => linesWith(rootFs, '/etc/dhcpcd.conf', 'option host_name')) ?? []),
      ...(safely(() => linesWith(rootFs, '/etc/dhcp/dhclient.conf', 'host-name')) ?? []),
    ];
    const gateway = safely(() => setting(rootFs, sysconfig, 'GATEWAY'))?.setting;
    const commandLine = await tryGet(context, kernelCommandLine);
    const fromKernel = isCouldNotRead(commandLine) ? [] : commandLine.defaults.flatMap(fixedAddress);
    if (isCouldNotRead(commandLine)) unread.push(commandLine);
    return {
      ...(networking && { networking }),
      ...(setsHostName && { setsHostName }),
      ...(ifcfgRecipe && { ifcfgRecipe }),
      networkdConf,
      hostNameOption,
      routes: [
        ...(gateway ? [{ kind: 'gateway' as const, ...gateway }] : []),
        ...(safely(() => readRoutes(rootFs)) ?? []),
        ...fromKernel,
      ],
      unread,
    };
  },
});

/** On SUSE /etc/sysconfig/network is a directory. */
function setting(rootFs: RootFs, path: string, key: string): DefaultSetting | undefined {
  if (rootFs.stat(path)?.type !== 'file') return undefined;
  const found = parseShellAssignments(rootFs.readText(path) ?? '').byKey.get(key);
  return { file: { path }, ...(found && found.value !== '' && { setting: placed(path, found) }) };
}

function placed(path: string, { value, line, text }: ShellAssignment): PlacedValue {
  return { value, evidence: { path, line, text } };
}

/** Microsoft's test looks for the lines as text. */
function readRecipe(rootFs: RootFs): NetworkDefaults['ifcfgRecipe'] {
  const path = '/etc/sysconfig/network-scripts/ifcfg-eth0';
  const text = rootFs.stat(path)?.type === 'file' ? rootFs.readText(path) : undefined;
  return text === undefined ? undefined : { file: { path }, missing: recipe.filter((line) => !text.includes(line)) };
}

function linesWith(rootFs: RootFs, path: string, text: string): Evidence[] {
  if (rootFs.stat(path)?.type !== 'file') return [];
  const lines = (rootFs.readText(path) ?? '').split('\n');
  return lines.flatMap((line, index) => (line.includes(text) ? [{ path, line: index + 1, text: line.trim() }] : []));
}

/** Arguments for `ip route`, or the older assignments `ADDRESS0=`, `GATEWAY0=`; SUSE lists destination, gateway, mask, interface. */
function readRoutes(rootFs: RootFs): LooseRoute[] {
  const paths = routeFiles.flatMap((pattern) => expandGlob(rootFs, pattern));
  return paths.flatMap((path) => {
    if (rootFs.stat(path)?.type !== 'file') return [];
    const lines = (rootFs.readText(path) ?? '').split('\n').map((line) => line.trim());
    return lines.flatMap((line, index): LooseRoute[] => {
      if (line === '' || line.startsWith('#')) return [];
      const evidence = { path, line: index + 1, text: line };
      const assigned = /^(?:ADDRESS|GATEWAY)\d+=["']?([^"']+)/.exec(line)?.[1];
      const words = line.split(/\s+/);
      const value = assigned ?? words.find((word) => /^(?:default$|[0-9a-f]*[.:][0-9a-f.:]*)/i.test(word));
      if (value === undefined || /^(?:NETMASK|METRIC)\d/.test(line)) return [];
      return [{ kind: value === 'default' ? 'gateway' : 'route', value, evidence }];
    });
  });
}

/** `ip=ADDRESS:PEER:GATEWAY:MASK:HOST:DEVICE:none` of dracut and klibc. */
function fixedAddress(entry: {
  parameters: readonly { name: string; value?: string }[];
  evidence: Evidence;
}): LooseRoute[] {
  return entry.parameters.flatMap(({ name, value = '' }) => {
    const [address = '', , , , , , method = ''] = value.split(':');
    const isFixed = name === 'ip' && /^\d+\.\d+\.\d+\.\d+$/.test(address) && !/^(?:dhcp|on|any|both)/.test(method);
    return isFixed ? [{ kind: 'address' as const, value: address, evidence: entry.evidence }] : [];
  });
}
