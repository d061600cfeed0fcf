import type { BlockDevice } from './block-device.ts';
import type { DiskError } from './disk-error.ts';
import type { FileSystem } from './file-system.ts';
import type { Partition } from './partition-table.ts';

/** A logical volume of LVM2. */
export interface LogicalVolume {
  readonly group: string;
  readonly name: string;
  readonly uuid: string;
  /** Bytes. */
  readonly size: number;
  /** Undefined when it cannot be read; `problem` then says why. */
  readonly device: BlockDevice | undefined;
  readonly problem: DiskError | undefined;
}

export interface VolumeGroup {
  readonly name: string;
  readonly uuid: string;
  /** Bytes. */
  readonly extentSize: number;
  /** By the metadata; `volume` is the id of the volume that holds it, undefined when this disk has none such. */
  readonly physicalVolumes: readonly { readonly uuid: string; readonly volume: string | undefined }[];
  readonly logicalVolumes: readonly LogicalVolume[];
}

/** What a volume holds, recognised by content. */
export type VolumeContent =
  | { readonly kind: 'file-system'; readonly fileSystem: FileSystem }
  | { readonly kind: 'swap'; readonly uuid: string | undefined; readonly label: string | undefined }
  | { readonly kind: 'physical-volume'; readonly group: string | undefined }
  /** Recognised and not readable by this program: LUKS, BitLocker, ZFS, RAID, verity hashes, squashfs, erofs. */
  | { readonly kind: 'foreign'; readonly type: string; readonly uuid?: string; readonly label?: string }
  /** Recognised and broken, or of a feature that is not read. */
  | { readonly kind: 'unreadable'; readonly type: string; readonly problem: DiskError }
  /** No signature of anything known. */
  | { readonly kind: 'unrecognised' };

/** A partition, a logical volume or the whole disk. */
export interface Volume {
  /** `p1` for partition 1, `rootvg/rootlv` for a logical volume, `disk` for a disk without partitions. */
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  readonly device: BlockDevice | undefined;
  readonly partition?: Partition;
  readonly logicalVolume?: LogicalVolume;
  readonly content: VolumeContent;
}
