import { parseIfcfg } from '../../formats/ifcfg.ts';
import type { ShellAssignments } from '../../formats/shell-assignments.ts';
import { type CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { NetworkStack } from '../network-services.ts';
import { filesByName } from './files.ts';
import { type Addressing, type Device, fitOf, type NicProfile, placeProfile } from './nic.ts';

/** An ifcfg file with what its readers ask of it beside the profile. */
export interface IfcfgFile {
  readonly profile: NicProfile;
  /** `NM_CONTROLLED=no`: NetworkManager leaves the interface alone. */
  readonly refusesNetworkManager: boolean;
  readonly settings: ShellAssignments;
}

/** Where the file lies tells whose dialect it is. */
export type IfcfgDialect = 'rhel' | 'suse';

const directories: Readonly<Record<IfcfgDialect, string>> = {
  rhel: '/etc/sysconfig/network-scripts',
  suse: '/etc/sysconfig/network',
};

/** Backups that neither network-scripts nor NetworkManager reads (`utils_should_ignore_file`). */
const ignored = /(?:~|\.bak|\.orig|\.rej|\.rpm(?:new|orig|save)|\.swp|\.tmp|;[0-9a-f]+)$/;
/** Interfaces that the configuration makes. */
const madeTypes = /^(?:bridge|bond|vlan|team|infiniband|wireless|wifi|tun|tap|ipsec|gre|sit|ovs\w*)$/i;
const falseWords = /^(?:no|n|f|false|0)$/i;

/** Interfaces in ifcfg files, loopback and made ones left out. `readers` says which services read a file. */
export function readIfcfgFiles(
  rootFs: RootFs,
  dialect: IfcfgDialect,
  readers: (refusesNetworkManager: boolean) => readonly NetworkStack[],
  nic: Device,
): readonly (IfcfgFile | CouldNotRead)[] {
  const directory = directories[dialect];
  // /etc/sysconfig/network is a file on the RHEL family.
  const isWanted = (name: string) => /^ifcfg-(?!lo$)/.test(name) && !ignored.test(name);
  return filesByName(rootFs, [directory], isWanted).flatMap((file): (IfcfgFile | CouldNotRead)[] => {
    if (isCouldNotRead(file)) return [file];
    const { profile, settings } = parseIfcfg(file.text, file.name.replace(/^ifcfg-/, ''));
    const value = (key: string) => settings.byKey.get(key)?.value ?? '';
    const makes = ['BRIDGE', 'BONDING_OPTS', 'ETHERDEVICE', 'BONDING_MASTER'].some((key) => value(key) !== '');
    if (makes || madeTypes.test(value('TYPE'))) return [];
    const refusesNetworkManager = dialect === 'rhel' && falseWords.test(value('NM_CONTROLLED'));
    const idle = dialect === 'rhel' ? idleOnRhel(settings) : idleOnSuse(settings);
    const placed = placeProfile(file.path, file.text, profile, {
      tool: 'ifcfg',
      fit: fitOf(profile, nic),
      addressing: addressingOf(value('BOOTPROTO'), profile.addresses.length > 0, dialect),
      readBy: readers(refusesNetworkManager),
      ...(idle && { idle }),
    });
    return [{ profile: placed, refusesNetworkManager, settings }];
  });
}

/** Missing, `none` and `static` without an address leave the interface without any. */
function addressingOf(bootProtocol: string, hasAddress: boolean, dialect: IfcfgDialect): Addressing {
  const asksForDhcp = dialect === 'rhel' ? /^(?:dhcp|bootp)$/i : /^dhcp(?:4|\+autoip)?$/;
  if (asksForDhcp.test(bootProtocol)) return 'dhcp';
  return hasAddress ? 'static' : 'none';
}

/** A missing ONBOOT means yes, to NetworkManager as to network-scripts. */
function idleOnRhel({ byKey }: ShellAssignments): { value: string; line: number } | undefined {
  const onBoot = byKey.get('ONBOOT');
  return onBoot && falseWords.test(onBoot.value) ? { value: `ONBOOT=${onBoot.value}`, line: onBoot.line } : undefined;
}

/** ifcfg(5) of wicked: without STARTMODE an interface is started by hand. */
function idleOnSuse({ byKey }: ShellAssignments): { value: string; line: number } | undefined {
  const mode = byKey.get('STARTMODE');
  if (mode !== undefined && /^(?:auto|boot|on|onboot|hotplug|ifplugd|nfsroot)$/.test(mode.value)) return undefined;
  return { value: mode ? `STARTMODE=${mode.value}` : 'no STARTMODE', line: mode?.line ?? 1 };
}
