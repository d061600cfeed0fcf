import type { InterfaceProfile, PlacedText } from './interface-profile.ts';
import type { Problem } from './problem.ts';
import { parseUnitFile, splitUnitList } from './systemd-unit.ts';

export interface NetworkdFile {
  readonly profile: InterfaceProfile;
  readonly problems: readonly Problem[];
}

/** `parse_boolean` of systemd, and the families of `DHCP=` (networkd-dhcp-common.c `config_parse_dhcp`). */
const dhcpWords = ['1', 'yes', 'y', 'true', 't', 'on', 'both', 'ipv4', 'ipv6', 'v4', 'v6'];

/**
 * Reads a `*.network` file of systemd-networkd (networkd-network.c). Lists of `[Match]` accumulate until an empty value
 * resets them; the last `DHCP=` counts.
 */
export function parseNetworkd(text: string): NetworkdFile {
  const { assignments, problems } = parseUnitFile(text);
  const matched = (...keys: string[]): PlacedText[] =>
    accumulate(assignments.filter(({ section, key }) => section === 'Match' && keys.includes(key)));
  const dhcp = assignments.findLast(({ section, key }) => section === 'Network' && key === 'DHCP');
  return {
    problems,
    profile: {
      line: assignments[0]?.line ?? 1,
      names: matched('Name', 'OriginalName'),
      hardwareAddresses: matched('MACAddress', 'PermanentMACAddress'),
      addresses: assignments
        .filter(
          ({ section, key, value }) => value !== '' && ['Network', 'Address'].includes(section) && key === 'Address',
        )
        .map(({ value, line }) => ({ value, line })),
      dhcp: dhcp && dhcpWords.includes(dhcp.value.toLowerCase()) ? [{ value: dhcp.value, line: dhcp.line }] : [],
    },
  };
}

function accumulate(assignments: readonly PlacedText[]): PlacedText[] {
  const result: PlacedText[] = [];
  for (const { value, line } of assignments) {
    if (value === '') result.length = 0;
    result.push(...splitUnitList(value).map((word) => ({ value: word, line })));
  }
  return result;
}
