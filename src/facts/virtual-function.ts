import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { isCouldNotRead } from '../image/could-not-read.ts';
import { readNetplan } from './first-nic/netplan.ts';
import { fitOfConditions, type NetworkFile, plannedNetworkFile, readNetworkFiles } from './first-nic/networkd.ts';
import { type Device, fitOf } from './first-nic/nic.ts';
import { networkManager } from './network-manager.ts';
import { networkServices } from './network-services.ts';
import { type LocatedUdevRule, udevRules } from './udev-rules.ts';

/** What the services do with the interface that accelerated networking adds beside the first one. */
export interface VirtualFunction {
  /** What makes NetworkManager leave it alone; empty when it would configure it. */
  readonly leftByNetworkManager: readonly Evidence[];
  /** What makes systemd-networkd leave it alone; empty when nothing does so expressly. */
  readonly leftByNetworkd: readonly Evidence[];
  /** The file by which systemd-networkd would configure it. */
  readonly takenByNetworkd?: Evidence;
}

/** Drivers of Mellanox ConnectX-3 and later, as NetworkManager names them; MANA goes the way of the latter. */
const drivers = ['mlx4_core', 'mlx5_core'];
/** networkd asks the driver itself (`ID_NET_DRIVER`), and the first of the two calls itself otherwise. */
const networkdDrivers = ['mlx4_en', 'mlx5_core'];
/** With predictable names, and with net.ifnames=0. */
const names = ['enP30832s1', 'eth1'];
const devices: readonly Device[] = names.flatMap((name) => networkdDrivers.map((driver) => ({ name, driver })));

/** How the image treats the SR-IOV virtual function that accelerated networking bonds to the first interface. */
export const virtualFunction = defineFact<VirtualFunction>({
  id: 'virtual-function',
  description:
    'Whether NetworkManager and systemd-networkd leave the virtual function of accelerated networking alone.',
  reads: [
    '/{etc,run,usr/lib}/systemd/network/*.network{,.d/*.conf}',
    '/etc/netplan/*.yaml',
    '/{etc,usr/lib}/udev/rules.d/*.rules',
  ],
  async compute(context) {
    const { rootFs } = context;
    const { files } = await context.get(udevRules);
    const rules = files.flatMap((file) => file.rules).filter(isForInterfaces);
    const setsEnvironment = (name: string, value: RegExp) =>
      rules
        .filter(({ tokens }) =>
          tokens.some(
            (token) => !token.isMatch && token.key === 'ENV' && token.attribute === name && value.test(token.value),
          ),
        )
        .map(({ evidence }) => evidence);

    const manager = await context.get(networkManager);
    const settings = drivers.map((driver) => manager.unmanagedBy({ name: 'enP30832s1', type: 'ethernet', driver }));
    const bySetting = settings.every((setting) => setting !== undefined) ? (settings[0]?.evidence ?? []) : [];

    const networkFiles = readNetworkFiles(rootFs, []).filter((file): file is NetworkFile => !isCouldNotRead(file));
    const { netplan } = await context.get(networkServices);
    const planned = netplan ? readNetplan(rootFs, []).definitions : [];
    const ordered = [
      ...networkFiles.map((file) => ({
        name: file.name,
        unmanaged: file.unmanaged,
        evidence: file.profile.evidence,
        fits: (device: Device) => isTaken(file, device),
      })),
      ...planned
        .filter(({ renderer }) => renderer === 'networkd')
        .map((definition) => plannedNetworkFile(rootFs, definition))
        .filter((file): file is NetworkFile => !isCouldNotRead(file))
        .map(({ name, profile, unmanaged }) => ({
          name,
          unmanaged,
          evidence: profile.evidence,
          fits: (device: Device) => fitOf(profile, device) === 'first-nic',
        })),
    ].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const chosen = devices.map((device) => ordered.find(({ fits }) => fits(device)));
    const taken = chosen.find((file) => file?.unmanaged === false);
    const left = chosen.flatMap((file) => (file?.unmanaged ? [file.evidence] : []));
    const byProperty = setsEnvironment('ID_NET_MANAGED_BY', /^unmanaged$/);
    return {
      leftByNetworkManager: [...bySetting, ...setsEnvironment('NM_UNMANAGED', /^(?:1|true)$/i)],
      leftByNetworkd: [...byProperty, ...(taken ? [] : left.slice(0, 1))],
      ...(taken && byProperty.length === 0 && { takenByNetworkd: taken.evidence }),
    };
  },
});

/** A condition that only a running machine shows counts as met where the file wants the interface left alone. */
function isTaken({ conditions, unmanaged }: NetworkFile, device: Device): boolean {
  const fit = fitOfConditions(conditions, device);
  return fit === 'first-nic' || (fit === 'undecided' && unmanaged && conditions.length > 0);
}

function isForInterfaces({ tokens }: LocatedUdevRule): boolean {
  return tokens.some(({ key, operator, value }) => key === 'SUBSYSTEM' && operator === '==' && value === 'net');
}
