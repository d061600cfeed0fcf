import type { BlockDevice } from './block-device.ts';
import type { Codecs } from './codecs.ts';
import type { Container } from './container.ts';
import type { Disk } from './disk.ts';
import { DiskError } from './disk-error.ts';
import type { FileSystemFormat } from './file-system.ts';
import type { PartitionTable } from './partition-table.ts';
import type { SectorSize } from './partitions/geometry.ts';
import { isExtendedType } from './partitions/mbr.ts';
import { readPartitionTable } from './partitions/read.ts';
import type { LogicalVolume, Volume, VolumeContent } from './volume.ts';
import { type CandidateVolume, readVolumeGroups, type VolumeGroups } from './volumes/lvm.ts';
import { isPhysicalVolume, probeVolume } from './volumes/probe.ts';

/**
 * Reads the partition table and the volume groups of a disk. What a volume holds is found out when its `content` is
 * first asked for; one that cannot be opened does not keep others from being read.
 *
 * An extended partition is in the table and is no volume: it holds the logical ones.
 *
 * @param device The disk inside of its container.
 * @throws {DiskError} of kind `io` when the file cannot be read
 */
export function openDisk(
  container: Container,
  device: BlockDevice,
  formats: readonly FileSystemFormat[],
  codecs: Codecs,
): Disk {
  const table = readPartitionTable(device, sectorSizesOf(container));
  const bases = baseVolumes(device, table);
  const candidates = bases.flatMap(({ id, device: part }): CandidateVolume[] =>
    part && isPhysicalVolume(part) ? [{ id, device: part }] : [],
  );
  const { groups, members } = readVolumeGroups(candidates);
  const probe = (part: BlockDevice): VolumeContent => probeVolume(part, formats, codecs);
  const volumes: Volume[] = bases.map((base) => withContent(base, () => contentOf(base, members, probe)));
  const names = new Set<string>();
  for (const group of groups) {
    // Two groups may have one name; LVM then tells them apart by their UUIDs.
    const name = names.has(group.name) ? group.uuid : group.name;
    names.add(group.name);
    for (const logicalVolume of group.logicalVolumes) {
      const base = { ...baseOf(logicalVolume), id: `${name}/${logicalVolume.name}` };
      volumes.push(withContent(base, () => contentOf(base, members, probe)));
    }
  }
  return { container, device, table, volumes, volumeGroups: groups };
}

type BaseVolume = Omit<Volume, 'content'>;

/** The disk is the only volume when it has no partition table, or one without partitions. */
function baseVolumes(device: BlockDevice, table: PartitionTable): readonly BaseVolume[] {
  const partitions = table.partitions.filter(({ type }) => table.scheme !== 'mbr' || !isExtendedType(type));
  if (partitions.length === 0) return [{ id: 'disk', size: device.size, device }];
  return partitions.map((partition) => ({
    id: `p${partition.number}`,
    size: partition.size,
    device: partition.device,
    partition,
  }));
}

function baseOf(logicalVolume: LogicalVolume): Omit<BaseVolume, 'id'> {
  return { size: logicalVolume.size, device: logicalVolume.device, logicalVolume };
}

/** A VHDX tells its sector size; every other format stands for 512 bytes, unless a GPT shows that it does not. */
function sectorSizesOf(container: Container): readonly SectorSize[] {
  return container.format === 'vhdx' && container.logicalSectorSize === 4096 ? [4096, 512] : [512, 4096];
}

function withContent(base: BaseVolume, probe: () => VolumeContent): Volume {
  let content: VolumeContent | undefined;
  return {
    ...base,
    get content(): VolumeContent {
      content ??= probe();
      return content;
    },
  };
}

function contentOf(
  { id, device, logicalVolume, partition }: BaseVolume,
  members: VolumeGroups['members'],
  probe: (device: BlockDevice) => VolumeContent,
): VolumeContent {
  if (logicalVolume?.problem) return { kind: 'unreadable', type: 'logical volume', problem: logicalVolume.problem };
  if (!device) {
    const problem = new DiskError(
      'corrupt',
      `partition ${partition?.number}`,
      'does not lie inside the disk',
      partition?.offset,
    );
    return { kind: 'unreadable', type: 'partition', problem };
  }
  const content = probe(device);
  if (content.kind !== 'physical-volume') return content;
  const member = members.get(id);
  return member instanceof DiskError
    ? { kind: 'unreadable', type: 'LVM2_member', problem: member }
    : { kind: 'physical-volume', group: member };
}
