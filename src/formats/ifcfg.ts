import type { InterfaceProfile, PlacedText } from './interface-profile.ts';
import type { Problem } from './problem.ts';
import { parseShellAssignments, type ShellAssignments } from './shell-assignments.ts';

export interface Ifcfg {
  readonly profile: InterfaceProfile;
  readonly settings: ShellAssignments;
  readonly problems: readonly Problem[];
}

/** Address keys: `IPADDR`, `IPADDR0`, `IPV6ADDR` on the RHEL family; `IPADDR_1` on SUSE. */
const addressKey = /^(?:IPADDR(?:_?\w+)?|IPV6ADDR)$/;
const hardwareAddressKeys = ['HWADDR'];
/** `MACADDR` on the RHEL family, `LLADDR` on SUSE. */
const givenAddressKeys = ['MACADDR', 'LLADDR'];
/** Words of `MACADDR` that NetworkManager knows besides an address. */
const addressPolicies = ['preserve', 'permanent', 'random', 'stable', 'stable-ssid'];
const gatewayKey = /^(?:GATEWAY\d*|IPV6_DEFAULTGW)$/;
const nameServerKey = /^DNS\d+$/;

/**
 * Reads an ifcfg file: shell assignments, sourced by network-scripts and wicked, imitated by NetworkManager's
 * ifcfg-rh plugin (`shvar.c`). `interfaceName` is what follows `ifcfg-` in the file's name; it counts without `DEVICE`.
 */
export function parseIfcfg(text: string, interfaceName: string): Ifcfg {
  const settings = parseShellAssignments(text);
  const effective = [...settings.byKey.values()].filter(({ value }) => value !== '');
  const device = settings.byKey.get('DEVICE');
  const bootProtocol = settings.byKey.get('BOOTPROTO');
  const withKey = (pattern: RegExp) => effective.filter(({ key }) => pattern.test(key)).map(place);
  return {
    settings,
    problems: settings.problems,
    profile: {
      line: settings.assignments[0]?.line ?? 1,
      names: [device?.value ? place(device) : { value: interfaceName, line: 1 }],
      hardwareAddresses: effective.filter(({ key }) => hardwareAddressKeys.includes(key)).map(place),
      addresses: withKey(addressKey),
      dhcp: bootProtocol && asksForDhcp(bootProtocol.value) ? [place(bootProtocol)] : [],
      drivers: [],
      givenHardwareAddresses: effective
        .filter(({ key, value }) => givenAddressKeys.includes(key) && !addressPolicies.includes(value))
        .map(place),
      gateways: withKey(gatewayKey),
      routes: [],
      nameServers: withKey(nameServerKey),
    },
  };
}

/** `dhcp` and `bootp` on the RHEL family; `dhcp`, `dhcp4`, `dhcp6`, `dhcp+autoip` on SUSE. */
function asksForDhcp(bootProtocol: string): boolean {
  return /^(?:dhcp|bootp)/i.test(bootProtocol);
}

function place({ value, line }: { value: string; line: number }): PlacedText {
  return { value, line };
}
