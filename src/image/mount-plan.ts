import type { Disk } from '../disk/disk.ts';

/** How it was decided that a volume belongs at a path. */
export type MountReason = 'content' | 'fstab' | 'unit' | 'partition-type' | 'label';

export interface Mount {
  /** Absolute path inside the image. */
  readonly path: string;
  /** Id of the volume on the disk. */
  readonly volume: string;
  /** Path of the btrfs subvolume from the top of its file system. */
  readonly subvolume?: string;
  readonly by: MountReason;
  /** Line of /etc/fstab. */
  readonly line?: number;
}

/** An entry that belongs to the root and that no volume of the disk answers. */
export interface MissingMount {
  readonly path: string;
  /** First field of the fstab entry, as written. */
  readonly source: string;
  readonly line?: number;
  /** Completes "<path>: …". */
  readonly reason: string;
}

/** How the volumes of a disk make up the root that rules see. */
export interface MountPlan {
  /** The root first, then in the order of mounting. */
  readonly mounts: readonly Mount[];
  readonly missing: readonly MissingMount[];
  /** Ids of all volumes that hold a Linux root, the chosen one first. */
  readonly candidates: readonly string[];
}

/** A disk together with the way its volumes were put together. */
export interface ScannedDisk extends Disk {
  readonly plan: MountPlan;
}
