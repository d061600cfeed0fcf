import type { NicProfile, PlacedValue } from './nic.ts';

/**
 * Why something in the image that is about the first interface does not bring it up with DHCP.
 * `invalid-netplan`: netplan generates nothing. `hardware-address`: for one address only. `refused`: NetworkManager does
 * not load the file for its owner or mode. `idle`: not brought up at boot. `unread`: by no service that starts.
 * `without-dhcp`: brought up without an address. `unmanaged`: NetworkManager is told to leave the interface alone, or
 * not to make up a connection for it.
 */
export type NicObstacleKind =
  | 'invalid-netplan'
  | 'hardware-address'
  | 'refused'
  | 'idle'
  | 'unread'
  | 'without-dhcp'
  | 'unmanaged';

export interface NicObstacle extends PlacedValue {
  readonly kind: NicObstacleKind;
  readonly path: string;
}

export function obstacleOf(profile: NicProfile): NicObstacle | undefined {
  const { path, fit, idle, readBy, addressing, evidence } = profile;
  const [bound] = profile.hardwareAddresses;
  if (fit === 'other-machine') return bound && { kind: 'hardware-address', path, ...bound };
  if (fit !== 'first-nic') return undefined;
  if (idle) return { kind: /^(?:mode|owner) /.test(idle.value) ? 'refused' : 'idle', path, ...idle };
  if (readBy.length === 0) return { kind: 'unread', path, value: '', evidence };
  return addressing === 'none' ? { kind: 'without-dhcp', path, value: '', evidence } : undefined;
}

export function obstaclesOf(
  profiles: readonly NicProfile[],
  invalidNetplan: readonly PlacedValue[],
  refusals: readonly PlacedValue[],
): readonly NicObstacle[] {
  const located = (kind: NicObstacleKind) => (value: PlacedValue) => ({ kind, path: value.evidence.path, ...value });
  return [
    ...invalidNetplan.map(located('invalid-netplan')),
    ...profiles.flatMap((profile) => obstacleOf(profile) ?? []),
    ...refusals.map(located('unmanaged')),
  ];
}
