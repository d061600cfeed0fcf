import { attemptDisk, DiskError } from '../disk-error.ts';
import type { VolumeGroup } from '../volume.ts';
import { assembleGroup, type CandidateVolume } from './lvm-group.ts';
import { type PhysicalVolumeLabel, readLabel, readMetadataText } from './lvm-label.ts';
import { type GroupMetadata, parseGroupMetadata } from './lvm-metadata.ts';

export type { CandidateVolume } from './lvm-group.ts';

/** The volume groups of a disk, and which volume belongs to which. */
export interface VolumeGroups {
  readonly groups: readonly VolumeGroup[];
  /**
   * By the id of the volume: name of its group, undefined when it belongs to none; or why it is of no use. Volumes
   * that are no physical ones are not in it.
   */
  readonly members: ReadonlyMap<string, string | undefined | DiskError>;
}

/**
 * Finds the LVM2 physical volumes among `volumes` and puts their groups together. Of several versions of a group's
 * metadata the one with the highest sequence number counts.
 *
 * @throws {DiskError} of kind `io` only: damage ends up with the volume that it concerns
 */
export function readVolumeGroups(volumes: readonly CandidateVolume[]): VolumeGroups {
  const { physical, duplicates } = findPhysicalVolumes(volumes);
  const members = new Map<string, string | undefined | DiskError>(duplicates);
  const newest = new Map<string, GroupMetadata>();
  const parsed = new Map<string, GroupMetadata | DiskError>();
  for (const { volume, label } of physical.values()) {
    members.set(volume.id, undefined);
    for (const area of label.metadataAreas) {
      const metadata = readMetadata(volume, area, parsed);
      if (metadata instanceof DiskError) members.set(volume.id, metadata);
      else if (metadata && metadata.sequence > (newest.get(metadata.uuid)?.sequence ?? -1))
        newest.set(metadata.uuid, metadata);
    }
  }
  const found = new Map([...physical].map(([uuid, { volume }]) => [uuid, volume]));
  const groups = [...newest.values()];
  for (const group of groups)
    for (const { uuid } of group.physicalVolumes.values()) {
      const volume = found.get(uuid);
      if (volume) members.set(volume.id, group.name);
    }
  return { groups: groups.map((group) => assembleGroup(group, found)), members };
}

/** @param parsed What is known by its text: most copies are the same. */
function readMetadata(
  volume: CandidateVolume,
  area: PhysicalVolumeLabel['metadataAreas'][number],
  parsed: Map<string, GroupMetadata | DiskError>,
): GroupMetadata | DiskError | undefined {
  const text = attempt(() => readMetadataText(volume.device, area));
  if (text === undefined || text instanceof DiskError) return text;
  const metadata = parsed.get(text) ?? attempt(() => parseGroupMetadata(text));
  parsed.set(text, metadata);
  return metadata;
}

interface PhysicalVolume {
  readonly volume: CandidateVolume;
  readonly label: PhysicalVolumeLabel;
}

interface FoundPhysicalVolumes {
  /** By UUID; of two with the same one the first counts. */
  readonly physical: ReadonlyMap<string, PhysicalVolume>;
  /** The others, by the id of the volume. */
  readonly duplicates: ReadonlyMap<string, DiskError>;
}

function findPhysicalVolumes(volumes: readonly CandidateVolume[]): FoundPhysicalVolumes {
  const physical = new Map<string, PhysicalVolume>();
  const duplicates = new Map<string, DiskError>();
  for (const volume of volumes) {
    const label = attempt(() => readLabel(volume.device));
    if (label === undefined || label instanceof DiskError) continue;
    const first = physical.get(label.uuid)?.volume;
    if (!first) physical.set(label.uuid, { volume, label });
    else {
      const reason = `has the same UUID as ${first.id}, ${label.uuid}, so LVM refuses the group`;
      duplicates.set(volume.id, new DiskError('corrupt', `physical volume ${volume.id}`, reason));
    }
  }
  return { physical, duplicates };
}

/** Damage becomes a value; that the file cannot be read does not. */
function attempt<T>(read: () => T): T | DiskError {
  const result = attemptDisk(read);
  if (result instanceof DiskError && result.kind === 'io') throw result;
  return result;
}
