import { type NetworkdCondition, parseNetworkd } from '../../formats/networkd.ts';
import { type CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { NetworkStack } from '../network-services.ts';
import { type FoundFile, filesByName } from './files.ts';
import {
  type Device,
  firstNicDevice,
  matchesGlob,
  type NicFit,
  type NicProfile,
  placeProfile,
  placerIn,
} from './nic.ts';

/** A `*.network` file; networkd takes the first, by file name, that fits an interface. */
export interface NetworkFile {
  readonly name: string;
  readonly profile: NicProfile;
  readonly conditions: readonly NetworkdCondition[];
  readonly unmanaged: boolean;
}

/** Of *.network and *.link files and of their drop-ins, the first before the last. */
export const systemdNetworkDirectories = [
  '/etc/systemd/network',
  '/run/systemd/network',
  '/usr/local/lib/systemd/network',
  '/usr/lib/systemd/network',
  '/lib/systemd/network',
];

/** `conf_files_list` passes over hidden files. */
export function isRead(name: string, ending: string): boolean {
  return name.endsWith(ending) && !name.startsWith('.');
}

/** The `*.network` files of systemd-networkd (networkd-network.c `network_load`), in order. */
export function readNetworkFiles(
  rootFs: RootFs,
  readBy: readonly NetworkStack[],
  device: Device = firstNicDevice,
): readonly (NetworkFile | CouldNotRead)[] {
  const files = filesByName(rootFs, systemdNetworkDirectories, (name) => isRead(name, '.network'));
  return files.flatMap((file): (NetworkFile | CouldNotRead)[] => {
    if (isCouldNotRead(file)) return [file];
    const { name, path, text } = file;
    // Without a file of its own the folder of drop-ins means nothing.
    if (text.trim() === '') return [];
    const { dropIns, unread } = readDropIns(rootFs, name);
    if (unread.length > 0) return [...unread];
    const { profile, conditions, dhcp, dhcp4, unmanaged, isRejected } = parseNetworkd(text, dropIns);
    if (isRejected) return [];
    const addressing = dhcp4 ? 'dhcp' : profile.addresses.length > 0 ? 'static' : 'none';
    const described = {
      tool: 'systemd-networkd',
      fit: fitOfConditions(conditions, device),
      addressing,
      readBy,
      ...(unmanaged && { idle: { ...unmanaged, value: 'Unmanaged=yes' } }),
    } as const;
    const placed = placeProfile(path, text, profile, described, dropIns);
    const decided = dhcp && addressing === 'none' ? placerIn(path, text, dropIns)(dhcp) : placed;
    return [
      { name, profile: { ...placed, evidence: decided.evidence }, conditions, unmanaged: unmanaged !== undefined },
    ];
  });
}

/**
 * Drop-ins of a `*.network` or `*.link` file, wherever the file itself is (`config_parse_many`): of all directories, by
 * name. Also for files that netplan writes at boot.
 */
export function readDropIns(
  rootFs: RootFs,
  name: string,
): { readonly dropIns: readonly FoundFile[]; readonly unread: readonly CouldNotRead[] } {
  const folders = systemdNetworkDirectories.map((directory) => `${directory}/${name}.d`);
  const files = filesByName(rootFs, folders, (file) => isRead(file, '.conf'));
  return {
    dropIns: files.flatMap((file) => (isCouldNotRead(file) ? [] : [file])),
    unread: files.filter(isCouldNotRead),
  };
}

/** The file that netplan's generator writes for a definition, with the drop-ins that the image has for it. */
export function plannedNetworkFile(
  rootFs: RootFs,
  { id, profile }: { readonly id: string; readonly profile: NicProfile },
): NetworkFile | CouldNotRead {
  const name = `10-netplan-${id}.network`;
  const { dropIns, unread } = readDropIns(rootFs, name);
  if (unread[0]) return unread[0];
  const { profile: added, dhcp, dhcp4, unmanaged } = parseNetworkd('', dropIns);
  const place = placerIn(profile.path, '', dropIns);
  const addresses = added.addresses.map(place);
  const isDhcp = dhcp ? dhcp4 : profile.addressing === 'dhcp';
  const hasAddress = addresses.length > 0 || profile.addresses.length > 0;
  const evidence = dhcp ? place(dhcp).evidence : isDhcp ? undefined : addresses[0]?.evidence;
  const merged: NicProfile = {
    ...profile,
    addressing: isDhcp ? 'dhcp' : hasAddress ? 'static' : 'none',
    addresses: [...profile.addresses, ...addresses],
    ...(evidence && { evidence }),
  };
  return { name, profile: merged, conditions: [], unmanaged: unmanaged !== undefined };
}

/** `net_match_config` for an interface of a virtual machine in Azure; all conditions must hold. */
export function fitOfConditions(conditions: readonly NetworkdCondition[], device: Device = firstNicDevice): NicFit {
  // Without conditions a file fitted everything up to systemd 242; later releases ignore it.
  if (conditions.length === 0) return 'undecided';
  const outcomes = conditions.map((condition) => holds(condition, device));
  if (outcomes.includes(false)) return 'other-interface';
  if (conditions.some(({ key }) => isHardwareAddress(key))) return 'other-machine';
  return outcomes.includes(undefined) ? 'undecided' : 'first-nic';
}

const isHardwareAddress = (key: string) => key === 'MACAddress' || key === 'PermanentMACAddress';

/** Only wireless and virtual interfaces have these. */
const foreignKeys = ['Kind', 'WLANInterfaceType', 'SSID', 'BSSID'];

/** What the conditions of virtual machines in Azure come to; undefined where only the machine itself shows it. */
function holds({ key, values }: NetworkdCondition, { name, driver }: Device): boolean | undefined {
  const patterns = values.map(({ value }) => value);
  const known: Readonly<Record<string, string>> = { Name: name, OriginalName: name, Driver: driver, Type: 'ether' };
  const value = known[key];
  if (value !== undefined || foreignKeys.includes(key)) return holdsFor(patterns, value);
  if (key === 'Virtualization') {
    const [, negation, wanted = ''] = /^(!?)(.*)/.exec(patterns[0] ?? '') ?? [];
    const isOurs = /^(?:microsoft|vm|yes|true|1|on|y|t)$/i.test(wanted);
    return isOurs !== (negation === '!');
  }
  return isHardwareAddress(key) ? true : undefined;
}

/** `net_condition_test_strv`: a negated pattern that fits decides, and without any other all the rest fits. */
function holdsFor(patterns: readonly string[], value: string | undefined): boolean {
  const fits = (pattern: string) => value !== undefined && matchesGlob(pattern, value);
  const negated = patterns.filter((pattern) => pattern.startsWith('!'));
  if (negated.some((pattern) => fits(pattern.slice(1)))) return false;
  const positive = patterns.filter((pattern) => !pattern.startsWith('!'));
  return positive.length === 0 || positive.some(fits);
}
