import type { Disk } from '../disk/disk.ts';
import { attemptDisk, DiskError } from '../disk/disk-error.ts';
import type { FileSystem } from '../disk/file-system.ts';
import type { Volume } from '../disk/volume.ts';
import type { MountPlan } from '../image/mount-plan.ts';

/** A disk as plain data for the reports of `inspect`; `plan` is null when it holds no root. */
export function collectDisk(disk: Disk, plan: MountPlan | undefined) {
  const { container, table, volumes, volumeGroups } = disk;
  return {
    container,
    partitionTable: {
      scheme: table.scheme,
      sectorSize: table.sectorSize,
      diskId: table.diskId ?? null,
      partitions: table.partitions.map(({ device, partUuid, label, ...partition }) => ({
        ...partition,
        partUuid: partUuid ?? null,
        label: label ?? null,
        isReadable: device !== undefined,
      })),
      mbr: table.mbr,
      gpt: table.gpt ?? null,
      problems: table.problems,
    },
    volumes: volumes.map(volumeView),
    volumeGroups: volumeGroups.map(({ name, uuid, extentSize, physicalVolumes, logicalVolumes }) => ({
      name,
      uuid,
      extentSize,
      physicalVolumes: physicalVolumes.map((member) => ({ uuid: member.uuid, volume: member.volume ?? null })),
      logicalVolumes: logicalVolumes.map((volume) => ({
        name: volume.name,
        uuid: volume.uuid,
        size: volume.size,
        problem: volume.problem?.message ?? null,
      })),
    })),
    plan: plan ?? null,
  };
}

export type DiskInspection = ReturnType<typeof collectDisk>;
export type VolumeInspection = DiskInspection['volumes'][number];

function volumeView(volume: Volume) {
  return { id: volume.id, size: volume.size, ...contentView(volume) };
}

/** What blkid would print of the volume, and what stands against reading it. */
function contentView({ content }: Volume) {
  const nothing = { type: null, uuid: null, label: null, problem: null, fileSystem: null };
  switch (content.kind) {
    case 'file-system': {
      const { type, uuid, label } = content.fileSystem;
      return {
        kind: content.kind,
        ...nothing,
        type,
        uuid: uuid ?? null,
        label: label ?? null,
        fileSystem: fileSystemView(content.fileSystem),
      };
    }
    case 'swap':
      return { kind: content.kind, ...nothing, type: 'swap', uuid: content.uuid ?? null, label: content.label ?? null };
    case 'physical-volume':
      return { kind: content.kind, ...nothing, type: 'LVM2_member', label: content.group ?? null };
    case 'foreign':
      return {
        kind: content.kind,
        ...nothing,
        type: content.type,
        uuid: content.uuid ?? null,
        label: content.label ?? null,
      };
    case 'unreadable':
      return { kind: content.kind, ...nothing, type: content.type, problem: content.problem.message };
    case 'unrecognised':
      return { kind: content.kind, ...nothing };
  }
}

function fileSystemView({ size, blockSize, features, state, complaints, subvolumes }: FileSystem) {
  const list = subvolumes && attemptDisk(() => subvolumes.list());
  return {
    size,
    blockSize,
    features,
    state,
    complaints: [...complaints, ...(list instanceof DiskError ? [list.message] : [])],
    ...(subvolumes && {
      defaultSubvolume: subvolumes.defaultId,
      subvolumes: list instanceof DiskError ? [] : (list ?? []),
    }),
  };
}
