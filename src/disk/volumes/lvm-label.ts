import type { BlockDevice } from '../block-device.ts';
import { hasMagic, textUntilNul, toSafeNumber, viewOf } from '../bytes.ts';
import { rawCrc32 } from '../checksums.ts';
import { attemptDisk, DiskError } from '../disk-error.ts';
import { diskLimits } from '../limits.ts';

const SECTOR_BYTES = 512;
/** The label stands in one of the first four sectors (lib/label/label.h). */
const LABEL_SECTORS = 4;
const UUID_CHARACTERS = 32;
/** INITIAL_CRC of lib/misc/crc.h. */
const CRC_SEED = 0xf597a6cf;
const MDA_MAGIC = '\x20LVM2\x20x[5A%r0N*>';
const MDA_HEADER_BYTES = 512;
const MDA_VERSION = 1;
/** Flag of a location: this copy is not kept up to date. */
const LOCATION_IGNORED = 1;
const latin1 = new TextDecoder('latin1');

/** Label and header of a physical volume. */
export interface PhysicalVolumeLabel {
  /** As LVM2 prints it, in groups of 6-4-4-4-4-4-6. */
  readonly uuid: string;
  /** Copies of the metadata, in bytes from the start of the device. */
  readonly metadataAreas: readonly { readonly offset: number; readonly size: number }[];
}

/**
 * Finds the label of an LVM2 physical volume (lib/format_text/layout.h).
 *
 * @returns undefined where none of the first sectors has one
 * @throws {DiskError} for a label that is damaged, when there is no good one
 */
export function readLabel(device: BlockDevice): PhysicalVolumeLabel | undefined {
  let damage: DiskError | undefined;
  for (let sector = 0; sector < LABEL_SECTORS && (sector + 1) * SECTOR_BYTES <= device.size; sector++) {
    const label = device.read(sector * SECTOR_BYTES, SECTOR_BYTES);
    if (!hasMagic(label, 0, 'LABELONE') || !hasMagic(label, 24, 'LVM2 001')) continue;
    const parsed = attemptDisk(() => parseLabel(label, sector));
    if (!(parsed instanceof DiskError)) return parsed;
    damage ??= parsed;
  }
  if (damage) throw damage;
  return undefined;
}

function parseLabel(label: Uint8Array, sector: number): PhysicalVolumeLabel {
  const offset = sector * SECTOR_BYTES;
  const wrong = (reason: string): DiskError => new DiskError('corrupt', 'LVM label', reason, offset);
  const view = viewOf(label);
  const stored = view.getUint32(16, true);
  const computed = rawCrc32(label.subarray(20), CRC_SEED);
  if (stored !== computed) throw wrong(`has the checksum ${hex(stored)}, expected ${hex(computed)}`);
  if (view.getBigUint64(8, true) !== BigInt(sector))
    throw wrong(`says that it stands in sector ${view.getBigUint64(8, true)}, and stands in sector ${sector}`);
  const header = view.getUint32(20, true);
  const lists = header + UUID_CHARACTERS + 8;
  if (lists > SECTOR_BYTES) throw wrong(`has its header at byte ${header} of its sector`);
  const data = readAreas(view, lists, wrong);
  const metadata = readAreas(view, data.end, wrong);
  return {
    uuid: dashed(latin1.decode(label.subarray(header, header + UUID_CHARACTERS))),
    metadataAreas: metadata.areas,
  };
}

interface Areas {
  readonly areas: readonly { offset: number; size: number }[];
  readonly end: number;
}

/** A list of places that ends with one at byte 0. */
function readAreas(view: DataView, from: number, wrong: (reason: string) => DiskError): Areas {
  const areas: { offset: number; size: number }[] = [];
  for (let at = from; ; at += 16) {
    if (at + 16 > SECTOR_BYTES) throw wrong('has a list of areas without an end');
    const offset = view.getBigUint64(at, true);
    if (offset === 0n) return { areas, end: at + 16 };
    areas.push({
      offset: toSafeNumber(offset, 'address of an LVM area'),
      size: toSafeNumber(view.getBigUint64(at + 8, true), 'size of an LVM area'),
    });
  }
}

/**
 * The metadata text in one of the areas; the ring goes on behind its header when it reaches the end.
 *
 * @returns undefined when the area holds none: the volume belongs to no group, or keeps no copy
 * @throws {DiskError} when header or text is damaged
 */
export function readMetadataText(
  device: BlockDevice,
  area: { readonly offset: number; readonly size: number },
): string | undefined {
  const wrong = (structure: string, reason: string, offset = area.offset): DiskError =>
    new DiskError('corrupt', structure, reason, offset);
  const header = device.read(area.offset, MDA_HEADER_BYTES);
  const view = viewOf(header);
  const stored = view.getUint32(0, true);
  const computed = rawCrc32(header.subarray(4), CRC_SEED);
  const name = 'LVM metadata header';
  if (stored !== computed) throw wrong(name, `has the checksum ${hex(stored)}, expected ${hex(computed)}`);
  if (!hasMagic(header, 4, MDA_MAGIC)) throw wrong(name, 'does not have the magic of one');
  const version = view.getUint32(20, true);
  if (version !== MDA_VERSION) throw new DiskError('unsupported', name, `has version ${version}`, area.offset);
  if (view.getBigUint64(24, true) !== BigInt(area.offset))
    throw wrong(name, `says that it stands at byte ${view.getBigUint64(24, true)}`);
  const ring = toSafeNumber(view.getBigUint64(32, true), 'size of the LVM metadata area');
  const at = toSafeNumber(view.getBigUint64(40, true), 'address of the LVM metadata');
  const size = toSafeNumber(view.getBigUint64(48, true), 'size of the LVM metadata');
  if ((view.getUint32(60, true) & LOCATION_IGNORED) !== 0 || at === 0 || size === 0) return undefined;
  if (size > diskLimits.lvmMetadataBytes)
    throw new DiskError(
      'limit',
      'LVM metadata',
      `has ${size} bytes (limit lvmMetadataBytes, ${diskLimits.lvmMetadataBytes})`,
    );
  if (at < MDA_HEADER_BYTES || at >= ring || size > ring - MDA_HEADER_BYTES)
    throw wrong('LVM metadata', `has ${size} bytes at byte ${at} of an area of ${ring}`);
  const wrapped = Math.max(0, at + size - ring);
  const text = new Uint8Array(size);
  text.set(device.read(area.offset + at, size - wrapped));
  if (wrapped > 0) text.set(device.read(area.offset + MDA_HEADER_BYTES, wrapped), size - wrapped);
  const storedText = view.getUint32(56, true);
  const computedText = rawCrc32(text, CRC_SEED);
  if (storedText !== computedText)
    throw wrong('LVM metadata', `has the checksum ${hex(storedText)}, expected ${hex(computedText)}`, area.offset + at);
  return latin1.decode(text);
}

/** The 32 characters of an identifier with LVM2's dashes. */
function dashed(id: string): string {
  return textUntilNul(new TextEncoder().encode(id)).replace(
    /^(.{6})(.{4})(.{4})(.{4})(.{4})(.{4})(.{6})$/,
    '$1-$2-$3-$4-$5-$6-$7',
  );
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
