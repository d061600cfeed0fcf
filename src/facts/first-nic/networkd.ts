import { type NetworkdCondition, parseNetworkd } from '../../formats/networkd.ts';
import { type CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { NetworkStack } from '../network-services.ts';
import { filesByName } from './files.ts';
import { type Device, firstNicDevice, matchesGlob, type NicFit, type NicProfile, placeProfile } from './nic.ts';

/** A `*.network` file; networkd takes the first, by file name, that fits an interface. */
export interface NetworkFile {
  readonly name: string;
  readonly profile: NicProfile;
  readonly conditions: readonly NetworkdCondition[];
  readonly unmanaged: boolean;
}

const directories = [
  '/etc/systemd/network',
  '/run/systemd/network',
  '/usr/local/lib/systemd/network',
  '/usr/lib/systemd/network',
  '/lib/systemd/network',
];

/** The `*.network` files of systemd-networkd (networkd-network.c `network_load`), in order. */
export function readNetworkFiles(
  rootFs: RootFs,
  readBy: readonly NetworkStack[],
): readonly (NetworkFile | CouldNotRead)[] {
  const files = filesByName(rootFs, directories, (name) => name.endsWith('.network'));
  return files.flatMap((file): (NetworkFile | CouldNotRead)[] => {
    if (isCouldNotRead(file)) return [file];
    const { name, path, text } = file;
    if (text.trim() === '') return [];
    const { profile, conditions, dhcp4, unmanaged } = parseNetworkd(text);
    const addressing = dhcp4 ? 'dhcp' : profile.addresses.length > 0 ? 'static' : 'none';
    const placed = placeProfile(path, text, profile, {
      tool: 'systemd-networkd',
      fit: fitOfConditions(conditions),
      addressing,
      readBy,
      ...(unmanaged && { idle: { value: 'Unmanaged=yes', line: profile.line } }),
    });
    return [{ name, profile: placed, conditions, unmanaged }];
  });
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
  const words = values.map(({ value }) => value);
  const isNegated = words[0]?.startsWith('!') ?? false;
  const patterns = isNegated ? [words[0]?.slice(1) ?? '', ...words.slice(1)] : words;
  const known: Readonly<Record<string, string>> = { Name: name, OriginalName: name, Driver: driver, Type: 'ether' };
  const value = known[key];
  if (value !== undefined) return patterns.some((pattern) => matchesGlob(pattern, value)) !== isNegated;
  if (foreignKeys.includes(key)) return isNegated;
  if (key === 'Virtualization') {
    const isOurs = /^(?:microsoft|vm|yes|true|1|on|y|t)$/i.test(patterns[0] ?? '');
    return isOurs !== isNegated;
  }
  return isHardwareAddress(key) ? true : undefined;
}
