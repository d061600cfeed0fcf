import { DiskError } from '../disk-error.ts';
import { diskLimits } from '../limits.ts';
import { type ConfigSection, parseLvmConfig } from './lvm-config.ts';

const SECTOR_BYTES = 512;
/** `CONTENTS_VALUE` and `FORMAT_VERSION_VALUE` of lib/format_text/import-export.h. */
const CONTENTS = 'Text Format Volume Group';
const FORMAT_VERSION = 1;
const STRUCTURE = 'LVM metadata';

/** One version of a volume group, as its metadata text has it. */
export interface GroupMetadata {
  readonly name: string;
  readonly uuid: string;
  /** Grows by one with every change. */
  readonly sequence: number;
  /** Bytes. */
  readonly extentSize: number;
  readonly isExported: boolean;
  /** By the name that segments use: `pv0`. */
  readonly physicalVolumes: ReadonlyMap<string, PhysicalVolumeMetadata>;
  readonly logicalVolumes: ReadonlyMap<string, LogicalVolumeMetadata>;
}

interface PhysicalVolumeMetadata {
  readonly uuid: string;
  /** Where extent 0 begins, in bytes from the start of the device. */
  readonly start: number;
  readonly extents: number;
  /** LVM has written the group while the volume was away, so its content may be old. */
  readonly isMissing: boolean;
}

export interface LogicalVolumeMetadata {
  readonly uuid: string;
  readonly isVisible: boolean;
  readonly segments: readonly SegmentMetadata[];
}

export interface SegmentMetadata {
  /** Without the flags that may follow it after a plus sign. */
  readonly type: string;
  /** Extents, here and below. */
  readonly start: number;
  readonly count: number;
  /** Bytes; 0 when there is one stripe. */
  readonly stripeSize: number;
  /** Of `striped` segments: which volume, physical or logical, and from which of its extents. */
  readonly stripes: readonly { readonly volume: string; readonly start: number }[];
  /** Of `snapshot` segments: the volume that the snapshot is of, the one that holds what changed, and the direction. */
  readonly snapshot: { readonly origin: string; readonly store: string; readonly isMerging: boolean } | undefined;
}

/**
 * Reads metadata text, as lib/format_text/import_vsn1.c does.
 *
 * @throws {DiskError} when the text cannot be parsed, or lacks what makes a volume group
 */
export function parseGroupMetadata(text: string): GroupMetadata {
  const root = parseLvmConfig(text);
  if (root.values.get('contents') !== CONTENTS) throw wrong(`does not have the contents "${CONTENTS}"`);
  if (root.values.get('version') !== FORMAT_VERSION)
    throw new DiskError('unsupported', STRUCTURE, `has the version ${String(root.values.get('version'))}`);
  const [group] = root.sections;
  if (!group) throw wrong('has no volume group');
  const [name, section] = group;
  const budget = { segments: 0 };
  const volumes = section.sections.get('physical_volumes');
  if (!volumes) throw wrong(`has no physical volumes in the group ${name}`);
  const extentSize = numberIn(section, 'extent_size') * SECTOR_BYTES;
  if (extentSize === 0 || !Number.isSafeInteger(extentSize)) throw wrong(`has no extent size in the group ${name}`);
  return {
    name,
    uuid: textIn(section, 'id'),
    sequence: numberIn(section, 'seqno'),
    extentSize,
    isExported: flagsIn(section).has('EXPORTED'),
    physicalVolumes: mapSections(volumes, parsePhysicalVolume),
    logicalVolumes: mapSections(section.sections.get('logical_volumes'), (volume) =>
      parseLogicalVolume(volume, budget),
    ),
  };
}

function parsePhysicalVolume(section: ConfigSection): PhysicalVolumeMetadata {
  return {
    uuid: textIn(section, 'id'),
    start: numberIn(section, 'pe_start') * SECTOR_BYTES,
    extents: numberIn(section, 'pe_count'),
    isMissing: flagsIn(section).has('MISSING'),
  };
}

function parseLogicalVolume(section: ConfigSection, budget: { segments: number }): LogicalVolumeMetadata {
  budget.segments += section.sections.size;
  if (budget.segments > diskLimits.lvmSegments)
    throw new DiskError('limit', STRUCTURE, `has too many segments (limit lvmSegments, ${diskLimits.lvmSegments})`);
  const segments = [...section.sections.values()].map(parseSegment);
  return {
    uuid: textIn(section, 'id'),
    isVisible: flagsIn(section).has('VISIBLE'),
    segments: segments.sort((a, b) => a.start - b.start),
  };
}

function parseSegment(section: ConfigSection): SegmentMetadata {
  const [type = ''] = textIn(section, 'type').split('+');
  return {
    type: type === 'linear' ? 'striped' : type,
    start: numberIn(section, 'start_extent'),
    count: numberIn(section, 'extent_count'),
    stripeSize: section.values.has('stripe_size') ? numberIn(section, 'stripe_size') * SECTOR_BYTES : 0,
    stripes: stripesIn(section),
    snapshot: snapshotIn(section),
  };
}

/** Pairs of name and extent. Only `striped` segments have them in this form; what is not in it is left out. */
function stripesIn(section: ConfigSection): SegmentMetadata['stripes'] {
  const list = section.values.get('stripes');
  if (!Array.isArray(list)) return [];
  const stripes: { volume: string; start: number }[] = [];
  for (let index = 0; index + 1 < list.length; index += 2) {
    const volume: unknown = list[index];
    const start: unknown = list[index + 1];
    if (typeof volume !== 'string' || !isCount(start)) throw wrong('has a list of stripes that is not one');
    stripes.push({ volume, start });
  }
  return stripes;
}

function snapshotIn(section: ConfigSection): SegmentMetadata['snapshot'] {
  const origin = section.values.get('origin');
  const merging = section.values.get('merging_store');
  const store = merging ?? section.values.get('cow_store');
  if (typeof origin !== 'string' || typeof store !== 'string') return undefined;
  return { origin, store, isMerging: merging !== undefined };
}

function mapSections<T>(section: ConfigSection | undefined, parse: (section: ConfigSection) => T): Map<string, T> {
  return new Map([...(section?.sections ?? [])].map(([name, below]) => [name, parse(below)]));
}

function flagsIn(section: ConfigSection): ReadonlySet<unknown> {
  return new Set(['status', 'flags'].flatMap((name) => section.values.get(name) ?? []));
}

function textIn(section: ConfigSection, name: string): string {
  const value = section.values.get(name);
  if (typeof value !== 'string') throw wrong(`lacks the text "${name}"`);
  return value;
}

function numberIn(section: ConfigSection, name: string): number {
  const value = section.values.get(name);
  if (!isCount(value) || !Number.isSafeInteger(value * SECTOR_BYTES)) throw wrong(`lacks the number "${name}"`);
  return value;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function wrong(reason: string): DiskError {
  return new DiskError('corrupt', STRUCTURE, reason);
}
