import type { InterfaceProfile, PlacedText } from './interface-profile.ts';
import type { Problem } from './problem.ts';
import { parseUnitFile, splitUnitList, type UnitAssignment } from './systemd-unit.ts';

/** One condition of `[Match]` with all its values; the first may begin with `!`, which negates the whole list. */
export interface NetworkdCondition {
  readonly key: string;
  readonly values: readonly PlacedText[];
}

export interface NetworkdFile {
  readonly profile: InterfaceProfile;
  /** Conditions of `[Match]` that are not empty; all of them must hold. */
  readonly conditions: readonly NetworkdCondition[];
  /** `[Link] Unmanaged=yes`: networkd leaves such an interface alone. */
  readonly unmanaged: boolean;
  /** `[Network] DHCP=` asks for version 4. */
  readonly dhcp4: boolean;
  readonly problems: readonly Problem[];
}

/** `parse_boolean` of systemd, and the families of `DHCP=` (networkd-dhcp-common.c `config_parse_dhcp`). */
const trueWords = ['1', 'yes', 'y', 'true', 't', 'on'];
const dhcp4Words = [...trueWords, 'both', 'ipv4', 'v4'];
const dhcpWords = [...dhcp4Words, 'ipv6', 'v6'];

/**
 * Reads a `*.network` file of systemd-networkd (networkd-network.c). Lists of `[Match]` accumulate until an empty value
 * resets them; the last `DHCP=` counts.
 */
export function parseNetworkd(text: string): NetworkdFile {
  const { assignments, problems } = parseUnitFile(text);
  const matches = assignments.filter(({ section }) => section === 'Match');
  const keys = [...new Set(matches.map(({ key }) => key))];
  const conditions = keys.map((name) => ({ key: name, values: accumulate(matches.filter(({ key }) => key === name)) }));
  const matched = (...wanted: string[]): PlacedText[] =>
    conditions.filter(({ key }) => wanted.includes(key)).flatMap(({ values }) => values);
  const last = (section: string, name: string) =>
    assignments.findLast((assignment) => assignment.section === section && assignment.key === name);
  const set = (sections: readonly string[], name: string): PlacedText[] =>
    assignments.filter(({ section, key, value }) => value !== '' && sections.includes(section) && key === name).map(at);
  const dhcp = last('Network', 'DHCP');
  const unmanaged = last('Link', 'Unmanaged');
  const routes = routeSections(assignments);
  return {
    problems,
    conditions: conditions.filter(({ values }) => values.length > 0),
    unmanaged: unmanaged !== undefined && trueWords.includes(unmanaged.value.toLowerCase()),
    dhcp4: dhcp !== undefined && dhcp4Words.includes(dhcp.value.toLowerCase()),
    profile: {
      line: assignments[0]?.line ?? 1,
      names: matched('Name', 'OriginalName'),
      hardwareAddresses: matched('MACAddress', 'PermanentMACAddress'),
      addresses: set(['Network', 'Address'], 'Address'),
      dhcp: dhcp && dhcpWords.includes(dhcp.value.toLowerCase()) ? [at(dhcp)] : [],
      drivers: matched('Driver'),
      givenHardwareAddresses: set(['Link'], 'MACAddress'),
      gateways: [
        ...set(['Network'], 'Gateway'),
        ...routes.flatMap(({ destination, gateway }) => (destination || !gateway ? [] : [gateway])),
      ].filter(({ value }) => !value.startsWith('_')),
      routes: routes.flatMap(({ destination }) => destination ?? []),
      nameServers: set(['Network'], 'DNS').flatMap(({ value, line }) =>
        splitUnitList(value).map((server) => ({ value: server, line })),
      ),
    },
  };
}

/** Default routes may also be written with a destination. */
const anywhere = /^(?:0\.0\.0\.0|::)\/0$/;

/** The `[Route]` sections; where two follow each other, a repeated key shows that the second has begun. */
function routeSections(assignments: readonly UnitAssignment[]): { destination?: PlacedText; gateway?: PlacedText }[] {
  const sections: Map<string, UnitAssignment>[] = [];
  let previous: UnitAssignment | undefined;
  for (const assignment of assignments) {
    const { section, key } = assignment;
    const current = previous?.section === 'Route' ? sections.at(-1) : undefined;
    previous = assignment;
    if (section !== 'Route') continue;
    if (current === undefined || current.has(key)) sections.push(new Map([[key, assignment]]));
    else current.set(key, assignment);
  }
  return sections.map((section) => {
    const destination = section.get('Destination');
    const gateway = section.get('Gateway');
    return {
      ...(destination && !anywhere.test(destination.value) && { destination: at(destination) }),
      ...(gateway && { gateway: at(gateway) }),
    };
  });
}

function at({ value, line }: PlacedText): PlacedText {
  return { value, line };
}

function accumulate(assignments: readonly PlacedText[]): PlacedText[] {
  const result: PlacedText[] = [];
  for (const { value, line } of assignments) {
    if (value === '') result.length = 0;
    result.push(...splitUnitList(value).map((word) => ({ value: word, line })));
  }
  return result;
}
