import type { BlockDevice } from './block-device.ts';
import type { Container } from './container.ts';
import type { PartitionTable } from './partition-table.ts';
import type { Volume, VolumeGroup } from './volume.ts';

/** An opened disk, from its container down to its volumes. */
export interface Disk {
  readonly container: Container;
  /** The disk as the virtual machine sees it. */
  readonly device: BlockDevice;
  readonly table: PartitionTable;
  /** Partitions in order, then logical volumes. */
  readonly volumes: readonly Volume[];
  readonly volumeGroups: readonly VolumeGroup[];
}
