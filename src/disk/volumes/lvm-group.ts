import type { BlockDevice } from '../block-device.ts';
import { attemptDisk, DiskError } from '../disk-error.ts';
import { diskLimits } from '../limits.ts';
import type { LogicalVolume, VolumeGroup } from '../volume.ts';
import { type MappedSegment, mappedDevice } from './lvm-mapping.ts';
import type { GroupMetadata, LogicalVolumeMetadata, SegmentMetadata } from './lvm-metadata.ts';

/** A volume that may be, or is, a physical volume. */
export interface CandidateVolume {
  readonly id: string;
  readonly device: BlockDevice;
}

/**
 * The group with those logical volumes that LVM shows, each with its device or with the reason why there is none.
 *
 * @param found Volumes of the disk by the UUID of the physical volume that they are.
 */
export function assembleGroup(metadata: GroupMetadata, found: ReadonlyMap<string, CandidateVolume>): VolumeGroup {
  const roles = snapshotRoles(metadata);
  const opened = new Map<string, BlockDevice>();
  const names = [...metadata.logicalVolumes.keys()].filter((name) => isShown(metadata, roles, name));
  return {
    name: metadata.name,
    uuid: metadata.uuid,
    extentSize: metadata.extentSize,
    physicalVolumes: [...metadata.physicalVolumes.values()].map(({ uuid }) => ({
      uuid,
      volume: found.get(uuid)?.id,
    })),
    logicalVolumes: names.map((name) => assembleVolume({ metadata, found, opened }, roles, name)),
  };
}

function assembleVolume(assembly: Assembly, roles: SnapshotRoles, name: string): LogicalVolume {
  const { metadata } = assembly;
  const volume = metadata.logicalVolumes.get(name);
  const extents = volume?.segments.reduce((sum, { count }) => sum + count, 0) ?? 0;
  const described = {
    group: metadata.name,
    name,
    uuid: volume?.uuid ?? '',
    size: extents * metadata.extentSize,
  };
  const device = attemptDisk(() => {
    const structure = `logical volume ${metadata.name}/${name}`;
    refuseUnreadable(metadata, roles, name, structure);
    return openVolume({ ...assembly, structure }, name, 1);
  });
  return device instanceof DiskError
    ? { ...described, device: undefined, problem: device }
    : { ...described, device, problem: undefined };
}

interface SnapshotRoles {
  /** Origin by the volume that holds what changed since. */
  readonly originOf: ReadonlyMap<string, string>;
  /** Origins that a snapshot is being written back to. */
  readonly merging: ReadonlySet<string>;
}

function snapshotRoles({ logicalVolumes }: GroupMetadata): SnapshotRoles {
  const originOf = new Map<string, string>();
  const merging = new Set<string>();
  for (const { segments } of logicalVolumes.values())
    for (const { type, snapshot } of segments) {
      if (type !== 'snapshot' || !snapshot) continue;
      originOf.set(snapshot.store, snapshot.origin);
      if (snapshot.isMerging) merging.add(snapshot.origin);
    }
  return { originOf, merging };
}

/** As lv_is_visible() of LVM2: the store of a snapshot stands for it, and what joins it with its origin is hidden. */
function isShown({ logicalVolumes }: GroupMetadata, roles: SnapshotRoles, name: string): boolean {
  const volume = logicalVolumes.get(name);
  if (volume?.segments.some(({ snapshot }) => snapshot !== undefined)) return false;
  return roles.originOf.has(name) || (volume?.isVisible ?? false);
}

function refuseUnreadable(metadata: GroupMetadata, roles: SnapshotRoles, name: string, structure: string): void {
  if (metadata.isExported)
    throw new DiskError(
      'unsupported',
      structure,
      `belongs to the exported group ${metadata.name}, which LVM does not activate`,
      undefined,
      `Run vgimport ${metadata.name} in the machine that the image is made from.`,
    );
  if (roles.originOf.has(name))
    throw new DiskError('unsupported', structure, `is of type snapshot (of ${roles.originOf.get(name)})`);
  if (roles.merging.has(name))
    throw new DiskError('unsupported', structure, 'is of type snapshot-merge: a snapshot is being merged into it');
}

interface Assembly {
  readonly metadata: GroupMetadata;
  readonly found: ReadonlyMap<string, CandidateVolume>;
  /** Logical volumes by name, so that many segments on one of them cost no more than one. */
  readonly opened: Map<string, BlockDevice>;
}

interface Context extends Assembly {
  readonly structure: string;
}

/** @throws {DiskError} when a segment is not linear or striped, or a part of it cannot be had */
function openVolume(context: Context, name: string, depth: number): BlockDevice {
  const { metadata, structure, opened } = context;
  const known = opened.get(name);
  if (known) return known;
  const volume = metadata.logicalVolumes.get(name);
  if (!volume) throw new DiskError('corrupt', structure, `has a segment on ${name}, which is not in the metadata`);
  if (depth > diskLimits.lvmNesting)
    throw new DiskError(
      'limit',
      structure,
      `stands on logical volumes that stand on others (limit lvmNesting, ${diskLimits.lvmNesting})`,
    );
  refuseGaps(volume, structure);
  const segments = volume.segments.map((segment) => mapSegment(context, segment, depth));
  const device = mappedDevice(segments, structure);
  opened.set(name, device);
  return device;
}

function refuseGaps({ segments }: LogicalVolumeMetadata, structure: string): void {
  let expected = 0;
  for (const { start, count } of segments) {
    if (start !== expected || count === 0)
      throw new DiskError('corrupt', structure, `has a segment of ${count} extents at ${start}, expected ${expected}`);
    expected += count;
  }
  if (expected === 0) throw new DiskError('corrupt', structure, 'has no segments');
}

function mapSegment(context: Context, segment: SegmentMetadata, depth: number): MappedSegment {
  const { metadata, structure } = context;
  const { type, start, count, stripes } = segment;
  if (type !== 'striped') throw new DiskError('unsupported', structure, `has a segment of type ${type}`);
  const extents = count / stripes.length;
  if (!Number.isInteger(extents))
    throw new DiskError('corrupt', structure, `has ${count} extents over ${stripes.length} stripes`);
  const size = count * metadata.extentSize;
  const stripeSize = stripes.length === 1 ? size : segment.stripeSize;
  if (!Number.isSafeInteger(size) || stripeSize === 0 || (extents * metadata.extentSize) % stripeSize !== 0)
    throw new DiskError('corrupt', structure, `has stripes of ${stripeSize} bytes, which do not fit its extents`);
  return {
    start: start * metadata.extentSize,
    size,
    stripeSize,
    areas: stripes.map((stripe) => openArea(context, stripe, extents, depth)),
  };
}

function openArea(
  context: Context,
  stripe: { readonly volume: string; readonly start: number },
  extents: number,
  depth: number,
): MappedSegment['areas'][number] {
  const { metadata, found, structure } = context;
  const physical = metadata.physicalVolumes.get(stripe.volume);
  const offset = (physical?.start ?? 0) + stripe.start * metadata.extentSize;
  if (!physical) {
    const device = openVolume(context, stripe.volume, depth + 1);
    refuseBeyond(device, offset + extents * metadata.extentSize, `${structure}, part on ${stripe.volume}`);
    return { device, offset };
  }
  const volume = found.get(physical.uuid);
  if (!volume)
    throw new DiskError('corrupt', structure, `needs the physical volume ${physical.uuid}, which is not on this disk`);
  if (physical.isMissing)
    throw new DiskError(
      'corrupt',
      structure,
      `needs the physical volume ${physical.uuid} (${volume.id}), which LVM has marked as missing`,
      undefined,
      `Run vgextend --restoremissing ${metadata.name} in the machine that the image is made from.`,
    );
  if (stripe.start + extents > physical.extents)
    throw new DiskError('corrupt', structure, `has extents beyond the ${physical.extents} of ${volume.id}`);
  refuseBeyond(volume.device, offset + extents * metadata.extentSize, `${structure}, part on ${volume.id}`);
  return { device: volume.device, offset };
}

function refuseBeyond(device: BlockDevice, end: number, structure: string): void {
  if (end > device.size)
    throw new DiskError('corrupt', structure, `reaches to byte ${end}, but there are ${device.size} bytes`);
}
