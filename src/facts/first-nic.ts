import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import { distribution } from './distribution.ts';
import { expandGlob } from './expand-glob.ts';
import {
  type CloudInitNetworkingOff,
  cloudInitNetworkingOff,
  cloudInitNetworkingUnread,
} from './first-nic/cloud-init-networking.ts';
import { type IfcfgFile, readIfcfgFiles } from './first-nic/ifcfg-files.ts';
import { readInterfaces } from './first-nic/interfaces.ts';
import { readKeyfiles } from './first-nic/keyfiles.ts';
import { renamedFirstNic } from './first-nic/link-files.ts';
import { readNetplan } from './first-nic/netplan.ts';
import { plannedNetworkFile, readNetworkFiles } from './first-nic/networkd.ts';
import { type Addressing, isMadeByName, type NicProfile } from './first-nic/nic.ts';
import { type NicObstacle, obstaclesOf } from './first-nic/obstacles.ts';
import { networkManager } from './network-manager.ts';
import { type NetworkService, type NetworkStack, networkServices } from './network-services.ts';

export type { CloudInitNetworkingOff } from './first-nic/cloud-init-networking.ts';
export type { Addressing, NicProfile, PlacedValue } from './first-nic/nic.ts';
export type { NicObstacle } from './first-nic/obstacles.ts';

/** What one service that starts at boot does with the first interface, by the files of the image alone. */
export interface NicClaim {
  readonly stack: NetworkStack;
  /** `profile`: by a file. `automatic`: by its own default, without one. */
  readonly by: 'profile' | 'automatic';
  readonly addressing: Addressing;
  readonly profile?: NicProfile;
  readonly evidence: readonly Evidence[];
}

/** Who brings the first network interface of a new virtual machine up, and how. */
export interface FirstNic {
  /** Services that start at boot; networkd also where only netplan would start it. */
  readonly services: readonly NetworkService[];
  /** Undefined when cloud-init writes the network configuration on each first boot, by DHCP unless it is told otherwise. */
  readonly cloudInitOff?: CloudInitNetworkingOff;
  /** What might tell cloud-init to leave the network alone; empty where something read tells so already. */
  readonly cloudInitUnread: readonly CouldNotRead[];
  /** The `Name=` of a *.link file that gives the interface another name than eth0. */
  readonly renaming?: Evidence;
  /** Every physical interface that a file of the image configures, whether a service reads the file or not. */
  readonly profiles: readonly NicProfile[];
  readonly claims: readonly NicClaim[];
  /** What stands in the way where nothing brings the interface up; they may be there although something else does. */
  readonly obstacles: readonly NicObstacle[];
  readonly unread: readonly CouldNotRead[];
}

const ifcfgPlugins = ['/usr/lib64', '/usr/lib', '/usr/lib/x86_64-linux-gnu'].map(
  (directory) => `${directory}/NetworkManager/*/libnm-settings-plugin-ifcfg-rh.so`,
);

/** Joins network services, their files and cloud-init into what the first interface gets at boot. */
export const firstNic = defineFact<FirstNic>({
  id: 'first-nic',
  description: 'Which service configures the first network interface at boot, by which file, with DHCP or without.',
  reads: [
    '/etc/netplan/*.yaml',
    '/{etc,run,usr/lib}/NetworkManager/system-connections/*',
    '/{etc,run,usr/lib}/systemd/network/*.{network,link}{,.d/*.conf}',
    '/etc/network/interfaces',
    '/etc/sysconfig/network{,-scripts}/ifcfg-*',
  ],
  async compute(context) {
    const { rootFs } = context;
    const { services, netplan } = await context.get(networkServices);
    const off = await cloudInitNetworkingOff(context);
    const manager = await context.get(networkManager);
    const system = await context.get(distribution);
    const { device: nic, evidence: renaming, unread: hiddenLinks } = renamedFirstNic(rootFs);
    const device = { ...nic, type: 'ethernet' };

    const always = services.filter(({ starts }) => starts === 'always');
    const byNetplan = services.filter(({ starts }) => starts === 'by-netplan');
    const possible = [...always, ...byNetplan].map(({ stack }) => stack);
    const plan = netplan ? readNetplan(rootFs, possible, nic) : { definitions: [], broken: [], unread: [] };
    const planned = plan.broken.length > 0 ? [] : plan.definitions;
    // cloud-init writes for netplan, and netplan then starts networkd, unless ifupdown comes before it.
    const isWritten = off === undefined && !always.some(({ stack }) => stack === 'ifupdown');
    const netplanStarts = planned.some(({ renderer }) => renderer === 'networkd') || isWritten;
    const starting = [...always, ...(netplanStarts ? byNetplan : [])];
    const runs = (stack: NetworkStack) => starting.some((service) => service.stack === stack);
    const only = (...stacks: NetworkStack[]) => stacks.filter(runs);

    const networkFiles = readNetworkFiles(rootFs, only('systemd-networkd'), nic);
    const keyfiles = readKeyfiles(rootFs, only('NetworkManager'), nic);
    const managerReadsIfcfg =
      ifcfgPlugins.some((pattern) => expandGlob(rootFs, pattern).length > 0) || managerReads(system);
    const rhel = readIfcfgFiles(
      rootFs,
      'rhel',
      (refuses) => only('network-scripts', ...(managerReadsIfcfg && !refuses ? (['NetworkManager'] as const) : [])),
      nic,
    );
    const suse = readIfcfgFiles(rootFs, 'suse', () => only('wicked'), nic);
    const interfaces = readInterfaces(rootFs, only('ifupdown'), nic);

    const read = <T>(items: readonly (T | CouldNotRead)[]) =>
      items.filter((item): item is Exclude<T, CouldNotRead> => !isCouldNotRead(item));
    const plannedFiles = planned
      .filter(({ renderer }) => renderer === 'networkd')
      .map((definition) => plannedNetworkFile(rootFs, definition));
    const ofNetworkd = [
      ...read(networkFiles).filter(({ profile }) => profile.readBy.length > 0),
      ...read(plannedFiles),
    ].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const ifcfg: readonly IfcfgFile[] = [...read(rhel), ...read(suse)];
    const ofManager = [
      ...read(keyfiles).filter(({ readBy }) => readBy.length > 0),
      ...planned.filter(({ renderer }) => renderer === 'NetworkManager').map(({ profile }) => profile),
      ...ifcfg.map(({ profile }) => profile).filter(({ readBy }) => readBy.includes('NetworkManager')),
    ];
    const refusing = read(rhel).find(({ profile, refusesNetworkManager }) => fits(profile) && refusesNetworkManager);

    const claims: (NicClaim | undefined)[] = starting.map(({ stack, evidence }) => {
      if (stack === 'systemd-networkd') {
        // A file of which only a running machine shows whether it fits counts where no other is sure to.
        const chosen =
          ofNetworkd.find(({ profile: { fit } }) => fit === 'first-nic') ??
          ofNetworkd.find(({ profile, unmanaged: isLeft }) => fits(profile) && !isLeft);
        return chosen && !chosen.unmanaged ? claim(stack, chosen.profile) : undefined;
      }
      if (stack === 'NetworkManager') {
        const chosen = best(ofManager);
        if (chosen) return claim(stack, chosen);
        const isFree = !manager.unmanagedBy(device) && !manager.noAutomaticConnection(device) && !refusing;
        return isFree ? { stack, by: 'automatic', addressing: 'dhcp', evidence } : undefined;
      }
      if (stack === 'ifupdown') {
        const chosen = best(interfaces.profiles);
        const { cloudHelper } = interfaces;
        if (chosen || !cloudHelper) return chosen && claim(stack, chosen);
        return { stack, by: 'automatic', addressing: 'dhcp', evidence: [cloudHelper] };
      }
      if (stack === 'wicked' || stack === 'network-scripts') {
        const chosen = best(ifcfg.map(({ profile }) => profile).filter(({ readBy }) => readBy.includes(stack)));
        return chosen && claim(stack, chosen);
      }
      return { stack, by: 'automatic', addressing: 'dhcp', evidence };
    });
    const unmanaged = runs('NetworkManager') ? manager.unmanagedBy(device) : undefined;
    const noAutomatic = runs('NetworkManager') ? manager.noAutomaticConnection(device) : undefined;
    const isManaged = ({ stack }: NicClaim) => stack !== 'NetworkManager' || unmanaged === undefined;
    const refusals = [unmanaged, noAutomatic].flatMap((setting) =>
      setting?.evidence[0] ? [{ value: `${setting.key}=${setting.value}`, evidence: setting.evidence[0] }] : [],
    );
    const profiles = [
      ...plan.definitions.map(({ profile }) => profile),
      ...read(networkFiles)
        .filter(({ conditions }) => conditions.every(({ key }) => key !== 'Kind'))
        .map(({ profile }) => profile),
      ...read(keyfiles),
      ...ifcfg.map(({ profile }) => profile),
      ...interfaces.profiles,
    ].filter(({ names }) => !isMadeByName(names));
    return {
      services: starting,
      ...(off && { cloudInitOff: off }),
      cloudInitUnread: off ? [] : await cloudInitNetworkingUnread(context),
      ...(renaming && { renaming }),
      profiles,
      claims: claims.flatMap((found) => (found && isManaged(found) ? [found] : [])),
      obstacles: obstaclesOf(profiles, plan.broken, refusals),
      unread: [
        ...hiddenLinks,
        ...[...networkFiles, ...plannedFiles, ...keyfiles, ...rhel, ...suse].filter(isCouldNotRead),
        ...interfaces.unread,
        ...plan.unread,
        ...manager.unread,
      ],
    };
  },
});

const fits = ({ fit }: NicProfile) => fit === 'first-nic' || fit === 'undecided';

/** Of the profiles that fit, one that starts, and with DHCP rather than without. */
function best(profiles: readonly NicProfile[]): NicProfile | undefined {
  const fitting = profiles.filter(fits);
  const started = fitting.filter(({ idle }) => idle === undefined);
  return started.find(({ addressing }) => addressing === 'dhcp') ?? started[0] ?? fitting[0];
}

function claim(stack: NetworkStack, profile: NicProfile): NicClaim {
  const { idle } = profile;
  const addressing = idle ? 'none' : profile.addressing;
  return { stack, by: 'profile', addressing, profile, evidence: [(idle ?? profile).evidence] };
}

/** Red Hat's plugin for ifcfg files came with NetworkManager up to EL 9 and Fedora 35. */
function managerReads(
  system: { readonly family: string; readonly id: string; readonly versionId?: string } | undefined,
): boolean {
  if (system === undefined) return false;
  const version = Number.parseFloat(system.versionId ?? '');
  if (system.family === 'fedora') return version <= 35;
  return (system.family === 'rhel' || system.family === 'oracle') && version < 10;
}
