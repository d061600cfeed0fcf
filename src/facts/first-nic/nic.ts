import type { Evidence } from '../../engine/model.ts';
import { globMatcher } from '../../formats/glob-pattern.ts';
import type { InterfaceProfile, PlacedText } from '../../formats/interface-profile.ts';
import type { NetworkStack } from '../network-services.ts';

/** What an interface can be chosen by, apart from its hardware address. */
export interface Device {
  readonly name: string;
  readonly driver: string;
}

/** The synthetic interface that every virtual machine in Azure has; its hardware address is new on each. */
export const firstNicDevice: Device = { name: 'eth0', driver: 'hv_netvsc' };

/** A value with the place in the image where it stands. */
export interface PlacedValue {
  readonly value: string;
  readonly evidence: Evidence;
}

/**
 * Whether a profile is for the first interface of a new virtual machine. `other-machine`: it would be, but asks for a
 * hardware address. `undecided`: it asks for something that only a running machine shows.
 */
export type NicFit = 'first-nic' | 'other-machine' | 'other-interface' | 'undecided';

/** What the profile does about addresses of version 4. */
export type Addressing = 'dhcp' | 'static' | 'none';

/** What one file says about one physical interface. */
export interface NicProfile {
  readonly tool: 'netplan' | 'NetworkManager' | 'systemd-networkd' | 'ifupdown' | 'ifcfg';
  readonly path: string;
  readonly fit: NicFit;
  readonly addressing: Addressing;
  /** What keeps the profile from being brought up at boot: `ONBOOT=no`, missing `auto` line, and the like. */
  readonly idle?: PlacedValue;
  /** Services that start at boot and read the file. */
  readonly readBy: readonly NetworkStack[];
  readonly writtenByCloudInit: boolean;
  readonly names: readonly PlacedValue[];
  readonly drivers: readonly PlacedValue[];
  readonly hardwareAddresses: readonly PlacedValue[];
  readonly givenHardwareAddresses: readonly PlacedValue[];
  readonly addresses: readonly PlacedValue[];
  readonly gateways: readonly PlacedValue[];
  readonly routes: readonly PlacedValue[];
  readonly nameServers: readonly PlacedValue[];
  /** The line that decides about addressing, else the beginning of the profile. */
  readonly evidence: Evidence;
}

const madeNames = /^(?:lo$|lo:|docker|virbr|br[-\d]|cni|wg|tun|tap|dummy|ve(?:th|-)|v[bzt]-|bond|team|vlan|host0|6rd-)/;

/** Interfaces that the configuration or a container makes, none of which is hardware. */
export function isMadeByName(names: readonly { readonly value: string }[]): boolean {
  return names.length > 0 && names.every(({ value }) => madeNames.test(value));
}

/** Longer patterns are no interface names, and matching them costs more than they are worth. */
const longestPattern = 64;

export function matchesGlob(pattern: string, name: string): boolean {
  return pattern.length <= longestPattern && globMatcher(pattern)(name);
}

/** By names, drivers and hardware addresses alone, which is all that most formats choose by. */
export function fitOf(
  {
    names,
    drivers,
    hardwareAddresses,
  }: Record<'names' | 'drivers' | 'hardwareAddresses', readonly { value: string }[]>,
  device: Device = firstNicDevice,
): NicFit {
  const byName = names.length === 0 || names.some(({ value }) => matchesGlob(value, device.name));
  const byDriver = drivers.length === 0 || drivers.some(({ value }) => matchesGlob(value, device.driver));
  if (!byName || !byDriver) return 'other-interface';
  return hardwareAddresses.length > 0 ? 'other-machine' : 'first-nic';
}

const signature =
  /(?:created|generated) (?:by|from) .*cloud-init|generated from information provided by the datasource/i;

/** By a comment in the file, or by a name that nothing else gives. */
export function isWrittenByCloudInit(path: string, text: string): boolean {
  return path.includes('cloud-init') || text.split('\n').some((line) => line.startsWith('#') && signature.test(line));
}

/** Gives values of a file, or of its drop-ins, their places. */
export function placerIn(
  path: string,
  text: string,
  dropIns: readonly { readonly path: string; readonly text: string }[] = [],
): (value: PlacedText) => PlacedValue {
  const lines = new Map([...dropIns, { path, text }].map((file) => [file.path, file.text.split('\n')]));
  return ({ value, line, path: dropIn = path }) => ({
    value,
    evidence: { path: dropIn, line, text: (lines.get(dropIn)?.[line - 1] ?? '').trim() },
  });
}

/** Gives the values of a profile their places. */
export function placeProfile(
  path: string,
  text: string,
  profile: InterfaceProfile,
  described: Pick<NicProfile, 'tool' | 'fit' | 'addressing' | 'readBy'> & { readonly idle?: PlacedText },
  dropIns: readonly { readonly path: string; readonly text: string }[] = [],
): NicProfile {
  const place = placerIn(path, text, dropIns);
  const { idle, ...rest } = described;
  const deciding = profile.dhcp[0] ?? profile.addresses[0] ?? { value: '', line: profile.line };
  return {
    ...rest,
    path,
    ...(idle && { idle: place(idle) }),
    writtenByCloudInit: isWrittenByCloudInit(path, text),
    names: profile.names.map(place),
    drivers: profile.drivers.map(place),
    hardwareAddresses: profile.hardwareAddresses.map(place),
    givenHardwareAddresses: profile.givenHardwareAddresses.map(place),
    addresses: profile.addresses.map(place),
    gateways: profile.gateways.map(place),
    routes: profile.routes.map(place),
    nameServers: profile.nameServers.map(place),
    evidence: place(deciding).evidence,
  };
}
