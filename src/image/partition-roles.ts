import type { Disk } from '../disk/disk.ts';
import type { Partition } from '../disk/partition-table.ts';
import type { Volume } from '../disk/volume.ts';
import type { MountReason } from './mount-plan.ts';
import { type MountableTree, mountable } from './mountable.ts';

type Role = 'root' | 'usr' | 'esp' | 'extended-boot' | 'home' | 'srv' | 'var' | 'var-tmp';

/** Types of the Discoverable Partitions Specification, for the architectures that Azure has; MBR types beside them. */
const roles: Readonly<Record<string, Role>> = {
  '4f68bce3-e8cd-4db1-96e7-fbcaf984b709': 'root',
  'b921b045-1df0-41c3-af44-4c6f280d3fae': 'root',
  '8484680c-9521-48c6-9c11-b0720656f69e': 'usr',
  'b0e01050-ee5f-4390-949a-9101b17104e9': 'usr',
  'c12a7328-f81f-11d2-ba4b-00a0c93ec93b': 'esp',
  '0xef': 'esp',
  'bc13c2ff-59e6-4262-a352-b275fd6f7172': 'extended-boot',
  '0xea': 'extended-boot',
  '933ac7e1-2eb4-4f13-b844-0e14e2aef915': 'home',
  '3b8f8425-20e0-4f3b-907f-1a25a76f98e8': 'srv',
  '4d21b016-b534-45c2-a9fb-5c16e091fd2d': 'var',
  '7ec6f557-3bc5-4aca-b293-16ef5df639d1': 'var-tmp',
};

/** Where Flatcar's initial RAM disk and units mount its partitions, by their GPT names; it has no fstab. */
const flatcarPlaces: readonly (readonly [label: string, path: string])[] = [
  ['USR-A', '/usr'],
  ['EFI-SYSTEM', '/boot'],
  ['OEM', '/oem'],
];

/** A place where a partition is expected although fstab says nothing. */
export interface ExpectedMount {
  readonly volume: Volume;
  /** In the order of preference. */
  readonly paths: readonly string[];
  readonly by: MountReason;
}

/**
 * Root file systems that are all but empty until the first boot, with /usr in a partition of its own that fills them:
 * Flatcar, and images of immutable systems that follow the specification.
 */
export function emptyRoot(disk: Disk): readonly MountableTree[] {
  const hasUsr = isFlatcar(disk) || disk.volumes.some((volume) => roleOf(volume.partition) === 'usr');
  if (!hasUsr) return [];
  const volume = isFlatcar(disk)
    ? byLabel(disk, 'ROOT')
    : disk.volumes.find(({ partition }) => roleOf(partition) === 'root');
  const tree = volume && mountable(volume);
  return tree === undefined || typeof tree === 'string' ? [] : [tree];
}

/** What systemd-gpt-auto-generator, or Flatcar's own initial RAM disk, mounts without being told. */
export function expectedMounts(disk: Disk): readonly ExpectedMount[] {
  if (isFlatcar(disk)) {
    return flatcarPlaces.flatMap(([label, path]) => {
      const volume = byLabel(disk, label);
      return volume ? [{ volume, paths: [path], by: 'label' as const }] : [];
    });
  }
  const places: Readonly<Record<Exclude<Role, 'root'>, readonly string[]>> = {
    usr: ['/usr'],
    var: ['/var'],
    home: ['/home'],
    srv: ['/srv'],
    'extended-boot': ['/boot'],
    esp: ['/boot/efi', '/efi', '/boot'],
    'var-tmp': ['/var/tmp'],
  };
  const roleOrder = Object.entries(places);
  return roleOrder.flatMap(([role, paths]) => {
    const volume = disk.volumes.find(({ partition }) => roleOf(partition) === role);
    return volume ? [{ volume, paths, by: 'partition-type' as const }] : [];
  });
}

/** Where Flatcar keeps the files that its /etc is an overlay of. */
export const flatcarEtc = '/usr/share/flatcar/etc';

export function isFlatcar(disk: Disk): boolean {
  return byLabel(disk, 'USR-A') !== undefined && byLabel(disk, 'ROOT') !== undefined;
}

function byLabel(disk: Disk, label: string): Volume | undefined {
  return disk.volumes.find(({ partition }) => partition?.label === label);
}

function roleOf(partition: Partition | undefined): Role | undefined {
  return partition && roles[partition.type];
}
