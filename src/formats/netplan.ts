import { EVENT_ID, type Event, getScalarValue, parseEvents } from 'js-yaml';
import type { InterfaceProfile, PlacedText } from './interface-profile.ts';
import type { Problem } from './problem.ts';

/** One definition below `ethernets` or `wifis`. */
export interface NetplanDevice {
  readonly id: PlacedText;
  readonly kind: 'ethernets' | 'wifis';
  readonly profile: InterfaceProfile;
  /** Whether the file says anything of `match`; without it in any file the id is the interface name. */
  readonly hasMatch: boolean;
  readonly matchName?: PlacedText;
  /** `dhcp4` as the file sets it; undefined when it leaves it open. */
  readonly dhcp4?: boolean;
  /** New name of the interface. */
  readonly setName?: PlacedText;
  /** Of the definition itself, else of its kind. */
  readonly renderer?: PlacedText;
}

export interface Netplan {
  /** `networkd`, `NetworkManager` or `sriov`; undefined for the default. */
  readonly renderer?: PlacedText;
  readonly devices: readonly NetplanDevice[];
  /** The profiles of the devices, and of nothing else. */
  readonly profiles: readonly InterfaceProfile[];
  readonly problems: readonly Problem[];
}

type YamlNode =
  | (PlacedText & { readonly kind: 'scalar' })
  | { readonly kind: 'list'; readonly items: readonly YamlNode[]; readonly line: number }
  | { readonly kind: 'map'; readonly pairs: readonly (readonly [PlacedText, YamlNode])[]; readonly line: number };

const trueWords = ['true', 'on', 'yes', 'y'];
const dhcpWords = [...trueWords, 'ipv4', 'ipv6', 'both'];

/**
 * Reads one netplan file: the `ethernets` and `wifis` of its `network` mapping. libnetplan walks libyaml's document and
 * takes each scalar as text (parse.c `handle_*`), so nothing is resolved to numbers or dates here: to YAML 1.1 the
 * hardware address `52:54:00:12:34:56` is a number. Booleans are `handle_generic_bool`'s words in any case.
 */
export function parseNetplan(text: string): Netplan {
  const document = parseDocument(text);
  if ('problem' in document) return { devices: [], profiles: [], problems: [document.problem] };
  const network = child(document.root, 'network');
  const renderer = scalar(child(network, 'renderer'));
  const devices = (['ethernets', 'wifis'] as const).flatMap((kind) => {
    const group = child(network, kind);
    const definitions = pairs(group).filter(([id]) => id.value !== 'renderer' && id.value !== 'lo');
    return definitions.map(([id, device]) => readDevice(kind, id, device, scalar(child(group, 'renderer'))));
  });
  const problems: Problem[] =
    document.root && document.root.kind !== 'map' ? [{ line: 1, message: 'the document is not a mapping' }] : [];
  return {
    ...(renderer && { renderer }),
    devices,
    profiles: devices.map(({ profile }) => profile),
    problems,
  };
}

/** A device is chosen by its `match`; without one its id is the interface name (netplan-yaml, "Properties for physical device types"). */
function readDevice(
  kind: NetplanDevice['kind'],
  id: PlacedText,
  device: YamlNode,
  rendererOfKind: PlacedText | undefined,
): NetplanDevice {
  const dhcp4 = scalar(child(device, 'dhcp4'));
  const setName = scalar(child(device, 'set-name'));
  const matchName = scalar(child(child(device, 'match'), 'name'));
  const renderer = scalar(child(device, 'renderer')) ?? rendererOfKind;
  return {
    id,
    kind,
    profile: readProfile(id, device),
    hasMatch: pairs(child(device, 'match')).length > 0,
    ...(matchName && { matchName }),
    ...(dhcp4 && { dhcp4: trueWords.includes(dhcp4.value.toLowerCase()) }),
    ...(setName && { setName }),
    ...(renderer && { renderer }),
  };
}

const anywhere = ['0.0.0.0/0', '::/0', 'default'];

function readProfile(id: PlacedText, device: YamlNode): InterfaceProfile {
  const match = child(device, 'match');
  const matchedName = scalar(child(match, 'name'));
  const present = (node: YamlNode | undefined) => [scalar(node) ?? []].flat();
  const drivers = child(match, 'driver');
  const routes = list(child(device, 'routes'));
  const isDefault = (route: YamlNode) => anywhere.includes(scalar(child(route, 'to'))?.value ?? '');
  return {
    line: id.line,
    names: matchedName ? [matchedName] : pairs(match).length > 0 ? [] : [id],
    hardwareAddresses: present(child(match, 'macaddress')),
    addresses: items(child(device, 'addresses')),
    dhcp: ['dhcp4', 'dhcp6'].flatMap((key) => {
      const value = scalar(child(device, key));
      return value && dhcpWords.includes(value.value.toLowerCase()) ? [{ value: key, line: value.line }] : [];
    }),
    drivers: [...present(drivers), ...items(drivers)],
    givenHardwareAddresses: present(child(device, 'macaddress')).filter(({ value }) => value.includes(':')),
    gateways: [
      ...['gateway4', 'gateway6'].flatMap((key) => present(child(device, key))),
      ...routes.filter(isDefault).flatMap((route) => present(child(route, 'via'))),
    ],
    routes: routes.filter((route) => !isDefault(route)).flatMap((route) => present(child(route, 'to'))),
    nameServers: items(child(child(device, 'nameservers'), 'addresses')),
  };
}

function list(node: YamlNode | undefined): readonly YamlNode[] {
  return node?.kind === 'list' ? node.items : [];
}

function pairs(node: YamlNode | undefined): readonly (readonly [PlacedText, YamlNode])[] {
  return node?.kind === 'map' ? node.pairs : [];
}

/** The last of repeated keys, which libnetplan lets overwrite the earlier. */
function child(node: YamlNode | undefined, key: string): YamlNode | undefined {
  return pairs(node).findLast(([name]) => name.value === key)?.[1];
}

function scalar(node: YamlNode | undefined): PlacedText | undefined {
  return node?.kind === 'scalar' && node.value !== '' ? { value: node.value, line: node.line } : undefined;
}

/** Items of a list; an address with options is a mapping whose key is the address. */
function items(node: YamlNode | undefined): readonly PlacedText[] {
  if (node?.kind !== 'list') return [];
  return node.items.flatMap(
    (item) =>
      scalar(item) ??
      pairs(item)
        .slice(0, 1)
        .map(([key]) => key),
  );
}

function parseDocument(text: string): { root: YamlNode | undefined } | { problem: Problem } {
  try {
    const events = parseEvents(text, {});
    return { root: buildNode(events, text) };
  } catch (error) {
    // js-yaml puts the place of the error, counted from 0, into `mark`; anything else it throws has none.
    const { mark, reason } = error as { mark?: { line?: number }; reason?: string };
    const lines = text.split('\n').length;
    return { problem: { line: Math.min((mark?.line ?? 0) + 1, lines), message: reason ?? 'not valid YAML' } };
  }
}

/** Turns js-yaml's flat events of the first document into nodes with line numbers. */
function buildNode(events: readonly Event[], text: string): YamlNode | undefined {
  const lineAt = lineCounter(text);
  const anchors = new Map<string, YamlNode>();
  let position = 0;
  const next = (): YamlNode | undefined => {
    const event = events[position++];
    if (event === undefined || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) return undefined;
    const anchor = event.anchorStart < 0 ? undefined : text.slice(event.anchorStart, event.anchorEnd);
    if (event.type === EVENT_ID.ALIAS) return anchors.get(anchor ?? '') ?? { kind: 'scalar', value: '', line: 1 };
    const node = event.type === EVENT_ID.SCALAR ? scalarNode(event) : collection(event);
    if (anchor !== undefined) anchors.set(anchor, node);
    return node;
  };
  const scalarNode = (event: Extract<Event, { type: typeof EVENT_ID.SCALAR }>): YamlNode => ({
    kind: 'scalar',
    value: getScalarValue(text, event),
    line: lineAt(event.valueStart),
  });
  const collection = (event: Extract<Event, { style: unknown; start: number }>): YamlNode => {
    const children: YamlNode[] = [];
    for (let node = next(); node !== undefined; node = next()) children.push(node);
    const line = lineAt(event.start);
    if (event.type === EVENT_ID.SEQUENCE) return { kind: 'list', items: children, line };
    const pairList: (readonly [PlacedText, YamlNode])[] = [];
    for (let index = 0; index + 1 < children.length; index += 2) {
      const [key, value] = [children[index], children[index + 1]];
      if (key?.kind === 'scalar' && value !== undefined) pairList.push([{ value: key.value, line: key.line }, value]);
    }
    return { kind: 'map', pairs: pairList, line };
  };
  if (events[position]?.type === EVENT_ID.DOCUMENT) position += 1;
  return next();
}

function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let index = text.indexOf('\n'); index >= 0; index = text.indexOf('\n', index + 1)) starts.push(index + 1);
  return (offset) => Math.max(1, starts.findLastIndex((start) => start <= offset) + 1);
}
