import type { FileTree } from '../files/file-tree.ts';
import type { BlockDevice } from './block-device.ts';
import type { Codecs } from './codecs.ts';

/** As blkid names them. */
export type FileSystemType = 'ext2' | 'ext3' | 'ext4' | 'xfs' | 'btrfs' | 'vfat';

/**
 * Whether what is read is what the virtual machine will see.
 *
 * - `clean`: nothing is left to replay
 * - `replayed`: the journal was replayed in memory, so it is
 * - `dirty`: a log is left to replay and was not; files may be missing or old, so nothing read may be trusted
 */
export type FileSystemState =
  | { readonly kind: 'clean' }
  | { readonly kind: 'replayed'; readonly detail: string }
  | { readonly kind: 'dirty'; readonly reason: string; readonly advice: string };

/** A btrfs subvolume; also the root of a snapshot. */
export interface Subvolume {
  readonly id: number;
  /** From the top of the file system, without a slash in front: `@/.snapshots/1/snapshot`; empty for the top itself. */
  readonly path: string;
}

/** A file system that was opened read-only. */
export interface FileSystem {
  readonly type: FileSystemType;
  /** As blkid prints it. */
  readonly uuid: string | undefined;
  readonly label: string | undefined;
  /** Bytes, as the superblock has it. */
  readonly size: number;
  /** Bytes. */
  readonly blockSize: number;
  /** Names of the format's own features, as its tools print them. */
  readonly features: readonly string[];
  readonly state: FileSystemState;
  /** What the file system says about its own health and a repair tool would act on: errors recorded, orphans. */
  readonly complaints: readonly string[];
  /** What a mount without options shows: for btrfs the default subvolume. */
  readonly tree: FileTree<unknown>;
  /** Of btrfs only. */
  readonly subvolumes?: {
    readonly defaultId: number;
    list(): readonly Subvolume[];
    tree(id: number): FileTree<unknown>;
  };
}

/** One kind of file system as the volume prober uses it. */
export interface FileSystemFormat {
  /** Of the family, where it has to be named before it is opened; decides the order among what else may be there. */
  readonly name?: 'ext' | 'xfs' | 'btrfs' | 'vfat';
  /** Whether the device carries the magic of this kind; false for a device that is too short. */
  recognises(device: BlockDevice): boolean;
  /** @throws {DiskError} when the file system is damaged, or has a feature that would make a reading wrong */
  open(device: BlockDevice, codecs: Codecs): FileSystem;
}
