import type { PartitionTable } from '../../disk/partition-table.ts';
import type { Volume, VolumeContent, VolumeGroup } from '../../disk/volume.ts';
import { defineFact } from '../../engine/define.ts';
import { isMissingVolume as isOtherVolume } from '../../image/missing-volumes.ts';
import type { MountPlan } from '../../image/mount-plan.ts';
import { contentText, isEncrypted } from '../../image/volume-content.ts';
import { type NamedVolume, namedVolume } from '../../image/volume-names.ts';
import { DISK, onDisk, volumePlace } from './places.ts';

/** A partition or logical volume with what it holds. */
export interface DiskVolume {
  readonly id: string;
  /** For evidence. */
  readonly place: string;
  /** Bytes. */
  readonly size: number;
  readonly partition?: Volume['partition'];
  readonly logicalVolume?: Volume['logicalVolume'];
  readonly content: VolumeContent;
  /** Paths at which it, or a subvolume of it, is mounted. */
  readonly mountedAt: readonly string[];
}

export interface DiskLayout {
  /** Bytes. */
  readonly size: number;
  readonly table: PartitionTable;
  readonly volumes: readonly DiskVolume[];
  readonly groups: readonly VolumeGroup[];
  readonly plan: MountPlan;
  /** The volume that holds the root which rules see. */
  readonly root: DiskVolume | undefined;
  /** Mount points whose volume is on this disk and cannot be opened, as an encrypted one. */
  readonly lockedPaths: readonly string[];
  /**
   * Volumes that nobody can look into, each as "p3, which is LUKS-encrypted": a UUID or label that no other answers may be
   * in there.
   */
  readonly closed: readonly string[];
  /** What a device name of the image means on this disk; `among` narrows it to some volumes. */
  find(device: string, options?: { readonly type?: string; readonly among?: readonly DiskVolume[] }): NamedVolume;
}

/** How the disk is divided; undefined when the target is no disk. */
export const diskLayout = defineFact<DiskLayout | undefined>({
  id: 'disk-layout',
  description: 'Partition table, volume groups, file systems and where they are mounted.',
  reads: [DISK],
  compute({ disk }) {
    if (!disk) return undefined;
    const { table, volumeGroups, plan, device } = disk;
    const volumes = disk.volumes.map((volume): DiskVolume => {
      const { id, size, partition, logicalVolume } = volume;
      return {
        id,
        place: volumePlace(id),
        size,
        ...(partition && { partition }),
        ...(logicalVolume && { logicalVolume }),
        content: onDisk(volumePlace(id), () => volume.content),
        mountedAt: plan.mounts.filter((mount) => mount.volume === id).map(({ path }) => path),
      };
    });
    return {
      size: device.size,
      table,
      volumes,
      groups: volumeGroups,
      plan,
      root: volumes.find(({ id }) => id === plan.mounts[0]?.volume),
      lockedPaths: plan.missing.filter((mount) => !isOtherVolume(mount)).map(({ path }) => path),
      closed: disk.volumes
        .filter(({ content }) => content.kind === 'unreadable' || isEncrypted(content))
        .map((volume) => `${volume.id}, which ${contentText(volume)}`),
      find: (name, { type = '', among } = {}) => {
        const ids = among?.map(({ id }) => id);
        const candidates = ids ? disk.volumes.filter(({ id }) => ids.includes(id)) : disk.volumes;
        return namedVolume({ volumes: candidates }, name, type);
      },
    };
  },
});
