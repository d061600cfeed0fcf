import type { PlacedText } from '../../formats/interface-profile.ts';
import { type Netplan, type NetplanDevice, parseNetplan } from '../../formats/netplan.ts';
import { type CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { NetworkStack } from '../network-services.ts';
import { type FoundFile, filesByName } from './files.ts';
import {
  type Addressing,
  type Device,
  firstNicDevice,
  fitOf,
  type NicProfile,
  type PlacedValue,
  placeProfile,
} from './nic.ts';

/** A definition after the merge of all files. */
export interface NetplanDefinition {
  readonly id: string;
  readonly renderer: 'networkd' | 'NetworkManager' | 'other';
  readonly profile: NicProfile;
}

export interface NetplanReading {
  readonly definitions: readonly NetplanDefinition[];
  /** Files that are no YAML: netplan then generates nothing at all. */
  readonly broken: readonly PlacedValue[];
  readonly unread: readonly CouldNotRead[];
}

/** By precedence, which is not the order of the other tools. */
const directories = ['/run/netplan', '/etc/netplan', '/usr/lib/netplan', '/lib/netplan'];

/**
 * The netplan files of the image as `netplan_parser_load_yaml_hierarchy` merges them: in the order of their names,
 * a definition of one id in several files being one, later scalars over earlier ones, lists added up.
 */
export function readNetplan(
  rootFs: RootFs,
  starting: readonly NetworkStack[],
  nic: Device = firstNicDevice,
): NetplanReading {
  const files = filesByName(rootFs, directories, (name) => name.endsWith('.yaml'));
  const read = files.filter((file): file is FoundFile => !isCouldNotRead(file));
  const parsed = read.map((file) => ({ file, netplan: parseNetplan(file.text) }));
  const broken = parsed.flatMap(({ file: { path }, netplan: { problems } }) =>
    problems.map(({ line, message }) => ({ value: message, evidence: { path, line } })),
  );
  const globalRenderer = parsed.findLast(({ netplan }) => netplan.renderer)?.netplan.renderer;
  const ids = new Set(parsed.flatMap(({ netplan }) => netplan.devices.map(keyOf)));
  const definitions = [...ids].map((key) => {
    const parts = parsed.flatMap(({ file, netplan }) => partsOf(key, file, netplan));
    return merge(parts, globalRenderer, starting, nic);
  });
  return { definitions: definitions.flatMap((each) => each ?? []), broken, unread: files.filter(isCouldNotRead) };
}

interface Part {
  readonly file: FoundFile;
  readonly device: NetplanDevice;
}

const keyOf = ({ kind, id }: NetplanDevice) => `${kind} ${id.value}`;

function partsOf(key: string, file: FoundFile, { devices }: Netplan): Part[] {
  return devices.filter((device) => keyOf(device) === key).map((device) => ({ file, device }));
}

function merge(
  parts: readonly Part[],
  globalRenderer: PlacedText | undefined,
  starting: readonly NetworkStack[],
  nic: Device,
): NetplanDefinition | undefined {
  const [first] = parts;
  if (!first) return undefined;
  const last = <T>(pick: (device: NetplanDevice) => T | undefined) =>
    parts.map(({ device }) => pick(device)).findLast((value) => value !== undefined);
  const rendererName = (last(({ renderer }) => renderer) ?? globalRenderer)?.value ?? 'networkd';
  const renderer = rendererName === 'networkd' || rendererName === 'NetworkManager' ? rendererName : 'other';
  const reader = renderer === 'networkd' ? 'systemd-networkd' : 'NetworkManager';
  const isStatic = parts.some(({ device }) => device.profile.addresses.length > 0);
  const addressing: Addressing = last(({ dhcp4 }) => dhcp4) ? 'dhcp' : isStatic ? 'static' : 'none';
  const placed = parts.map(({ file, device }) =>
    placeProfile(file.path, file.text, device.profile, {
      tool: 'netplan',
      fit: 'first-nic',
      addressing,
      readBy: starting.filter((stack) => stack === reader),
    }),
  );
  const decider = deciderOf(parts, addressing);
  const deciding = decider && placed[parts.indexOf(decider)];
  if (deciding === undefined) return undefined;
  // Each key of `match` counts as the last file has it.
  const latest = (pick: (profile: NicProfile) => readonly PlacedValue[]) =>
    placed.map(pick).findLast((values) => values.length > 0) ?? [];
  const named = parts.findLastIndex(({ device }) => device.matchName !== undefined);
  const isMatched = parts.some(({ device }) => device.hasMatch);
  const selection = {
    names: placed[named]?.names ?? (isMatched ? [] : (placed[0]?.names ?? [])),
    drivers: latest(({ drivers }) => drivers),
    hardwareAddresses: latest(({ hardwareAddresses }) => hardwareAddresses),
  };
  const all = (pick: (profile: NicProfile) => readonly PlacedValue[]) => placed.flatMap(pick);
  return {
    id: first.device.id.value,
    renderer,
    profile: {
      ...deciding,
      ...selection,
      fit: fitOf(selection, nic),
      addresses: all(({ addresses }) => addresses),
      gateways: all(({ gateways }) => gateways),
      routes: all(({ routes }) => routes),
      nameServers: all(({ nameServers }) => nameServers),
      writtenByCloudInit: placed.every(({ writtenByCloudInit }) => writtenByCloudInit),
    },
  };
}

/** The file to show: that which asks for DHCP or sets the address, else the last. */
function deciderOf(parts: readonly Part[], addressing: Addressing): Part | undefined {
  const decider = parts.findLast(({ device: { dhcp4, profile } }) =>
    addressing === 'dhcp' ? dhcp4 === true : addressing === 'static' && profile.addresses.length > 0,
  );
  return decider ?? parts.at(-1);
}
