import type { InterfaceProfile, PlacedText } from './interface-profile.ts';
import type { Problem } from './problem.ts';
import { parseUnitFile, splitUnitList, type UnitAssignment } from './systemd-unit.ts';

/** One condition of `[Match]` with all its values; each word of a negated list begins with `!`. */
export interface NetworkdCondition {
  readonly key: string;
  readonly values: readonly PlacedText[];
}

/** A file of NAME.network.d. */
export interface NetworkdDropIn {
  readonly path: string;
  readonly text: string;
}

export interface NetworkdFile {
  readonly profile: InterfaceProfile;
  /** Conditions of `[Match]` that are not empty; all of them must hold. */
  readonly conditions: readonly NetworkdCondition[];
  /** The `[Link] Unmanaged=yes` by which networkd leaves such an interface alone. */
  readonly unmanaged?: PlacedText;
  /** `[Link] Name=` of a *.link file, which has the same syntax. */
  readonly linkName?: PlacedText;
  /** The `[Network] DHCP=` that counts, be it yes or no. */
  readonly dhcp?: PlacedText;
  /** It asks for version 4. */
  readonly dhcp4: boolean;
  /** networkd does without the whole, drop-ins included: one of the files has a section header that is not closed. */
  readonly isRejected: boolean;
  /** Of the file itself. */
  readonly problems: readonly Problem[];
}

/** `parse_boolean` of systemd, and the families of `DHCP=` (networkd-dhcp-common.c `config_parse_dhcp`). */
const trueWords = ['1', 'yes', 'y', 'true', 't', 'on'];
const falseWords = ['0', 'no', 'n', 'false', 'f', 'off'];
const isTrue = ({ value }: PlacedText) => trueWords.includes(value.toLowerCase());
const isBoolean = (assignment: PlacedText) => isTrue(assignment) || falseWords.includes(assignment.value.toLowerCase());
const isDhcp4 = (assignment: PlacedText) => isTrue(assignment) || ['both', 'ipv4', 'v4'].includes(assignment.value);
const isDhcp = (assignment: PlacedText) => isDhcp4(assignment) || ['ipv6', 'v6'].includes(assignment.value);
const isDhcpSetting = (assignment: PlacedText) =>
  isDhcp(assignment) || isBoolean(assignment) || assignment.value === 'none';

type Assignment = UnitAssignment & Pick<PlacedText, 'path'>;

/**
 * Reads a `*.network` file of systemd-networkd (networkd-network.c) and its drop-ins, which it reads as if they stood at
 * the end of the file. Lists accumulate until an empty value resets them; of other settings the last valid one counts.
 */
export function parseNetworkd(text: string, dropIns: readonly NetworkdDropIn[] = []): NetworkdFile {
  const file = parseUnitFile(text);
  const parsed = dropIns.map(({ path, text: added }) => ({ path, ...parseUnitFile(added) }));
  const assignments: Assignment[] = [
    ...file.assignments,
    ...parsed.flatMap(({ path, assignments: added }) => added.map((assignment) => ({ ...assignment, path }))),
  ];
  const conditions = readConditions(assignments.filter(({ section }) => section === 'Match'));
  const matched = (...wanted: string[]): PlacedText[] =>
    conditions.filter(({ key }) => wanted.includes(key)).flatMap(({ values }) => values);
  const of = (sections: readonly string[], name: string): Assignment[] =>
    assignments.filter(({ section, key }) => sections.includes(section) && key === name);
  const set = (sections: readonly string[], name: string): PlacedText[] => of(sections, name).filter(isSet).map(at);
  const dhcp = of(['Network'], 'DHCP').findLast(isDhcpSetting);
  const unmanaged = of(['Link'], 'Unmanaged').findLast(isBoolean);
  const linkName = set(['Link'], 'Name').at(-1);
  const routes = routeSections(assignments);
  return {
    problems: file.problems,
    isRejected: file.isRejected || parsed.some(({ isRejected }) => isRejected),
    conditions: conditions.filter(({ values }) => values.length > 0),
    ...(unmanaged && isTrue(unmanaged) && { unmanaged: at(unmanaged) }),
    ...(linkName && { linkName }),
    ...(dhcp && { dhcp: at(dhcp) }),
    dhcp4: dhcp !== undefined && isDhcp4(dhcp),
    profile: {
      line: assignments[0]?.line ?? 1,
      names: matched('Name', 'OriginalName'),
      hardwareAddresses: matched('MACAddress', 'PermanentMACAddress'),
      // An empty `Address=` of [Network] takes those of the [Address] sections away as well.
      addresses: sinceReset(of(['Network', 'Address'], 'Address'), 'Network').map(at),
      dhcp: dhcp && isDhcp(dhcp) ? [at(dhcp)] : [],
      drivers: matched('Driver'),
      givenHardwareAddresses: set(['Link'], 'MACAddress'),
      gateways: [
        ...set(['Network'], 'Gateway'),
        ...routes.flatMap(({ destination, gateway }) => (destination || !gateway ? [] : [gateway])),
      ].filter(({ value }) => !value.startsWith('_')),
      routes: routes.flatMap(({ destination }) => destination ?? []),
      nameServers: sinceReset(of(['Network'], 'DNS'), 'Network').flatMap((assignment) =>
        splitUnitList(assignment.value).map((server) => ({ ...at(assignment), value: server })),
      ),
    },
  };
}

const isSet = ({ value }: PlacedText) => value !== '';

/** What stands after the last empty value in that section. */
function sinceReset(assignments: readonly Assignment[], resetting: string): Assignment[] {
  const last = assignments.findLastIndex((assignment) => assignment.section === resetting && !isSet(assignment));
  return assignments.slice(last + 1).filter(isSet);
}

/** Default routes may also be written with a destination. */
const anywhere = /^(?:0\.0\.0\.0|::)\/0$/;

/** The `[Route]` sections; where two follow each other, a repeated key shows that the second has begun. */
function routeSections(assignments: readonly Assignment[]): { destination?: PlacedText; gateway?: PlacedText }[] {
  const sections: Map<string, Assignment>[] = [];
  let previous: Assignment | undefined;
  for (const assignment of assignments) {
    const { section, key } = assignment;
    const continues = previous?.section === 'Route' && previous.path === assignment.path;
    const current = continues ? sections.at(-1) : undefined;
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

function at({ value, line, path }: PlacedText): PlacedText {
  return { value, line, ...(path !== undefined && { path }) };
}

/** Tests of the machine (`config_parse_net_condition`): one value, of which the last counts. */
const machineKeys = ['Architecture', 'Credential', 'Firmware', 'Host', 'KernelCommandLine', 'KernelVersion'];
const isMachineKey = (key: string) => key === 'Version' || key === 'Virtualization' || machineKeys.includes(key);

function readConditions(matches: readonly Assignment[]): NetworkdCondition[] {
  const keys = [...new Set(matches.map(({ key }) => key))];
  return keys.map((name) => {
    const given = sinceReset(
      matches.filter(({ key }) => key === name),
      'Match',
    );
    return { key: name, values: isMachineKey(name) ? given.slice(-1).map(at) : given.flatMap(words) };
  });
}

/** `config_parse_match_strv`: an exclamation mark in front of a list negates each word of it. */
function words(assignment: Assignment): PlacedText[] {
  const isNegated = assignment.value.startsWith('!');
  const list = splitUnitList(isNegated ? assignment.value.slice(1) : assignment.value);
  return list.map((word) => ({ ...at(assignment), value: isNegated ? `!${word}` : word }));
}
