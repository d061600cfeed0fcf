import type { BlockDevice } from '../block-device.ts';
import { guidText, hasMagic, toSafeNumber, viewOf } from '../bytes.ts';
import { crc32 } from '../checksums.ts';
import { attemptDisk, DiskError } from '../disk-error.ts';
import { diskLimits } from '../limits.ts';
import type { SectorSize } from './geometry.ts';

const GPT_MAGIC = 'EFI PART';
/** Bytes of the header of revision 1.0, which later ones only extend. */
const HEADER_BYTES = 92;
/** Bytes of an entry in every table that Linux reads. */
export const LINUX_ENTRY_BYTES = 128;
/** Largest entry that is read; the specification allows any 128 * 2^n. */
const ENTRY_BYTES_LIMIT = 4096;

/** Header and entries of one copy whose checksums are right (UEFI specification, chapter 5.3). */
export interface ValidGptCopy {
  /** Bytes from the start of the disk. */
  readonly offset: number;
  /** Sector of the other copy. */
  readonly alternateSector: number;
  readonly firstUsable: number;
  readonly lastUsable: number;
  readonly diskGuid: string;
  readonly entryBytes: number;
  readonly entriesChecksum: number;
  readonly entries: Uint8Array;
}

/**
 * Reads the copy whose header stands in `sector`, and holds it against every test of the kernel's
 * block/partitions/efi.c but the size of an entry.
 *
 * @returns the copy, or what is wrong with it as the end of the sentence "the header …"
 */
export function readGptCopy(disk: BlockDevice, sectorSize: SectorSize, sector: number): ValidGptCopy | string {
  const copy = attemptDisk(() => parseCopy(disk, sectorSize, sector));
  if (!(copy instanceof DiskError)) return copy;
  if (copy.kind === 'io') throw copy;
  return `is damaged: ${copy.message}`;
}

/** Whether a header, right or damaged, begins in that sector. */
export function hasGptMagic(disk: BlockDevice, sectorSize: SectorSize, sector: number): boolean {
  const offset = sector * sectorSize;
  if (offset < 0 || offset + GPT_MAGIC.length > disk.size) return false;
  return hasMagic(disk.read(offset, GPT_MAGIC.length), 0, GPT_MAGIC);
}

function parseCopy(disk: BlockDevice, sectorSize: SectorSize, sector: number): ValidGptCopy | string {
  const offset = sector * sectorSize;
  const lastSector = Math.floor(disk.size / sectorSize) - 1;
  if (sector < 1 || sector > lastSector) return `would stand at byte ${offset}, which is no place on this disk`;
  const header = disk.read(offset, sectorSize);
  if (!hasMagic(header, 0, GPT_MAGIC)) return `is not there: the sector does not begin with "${GPT_MAGIC}"`;
  const view = viewOf(header);
  const headerBytes = view.getUint32(12, true);
  if (headerBytes < HEADER_BYTES || headerBytes > sectorSize)
    return `claims ${headerBytes} bytes, expected ${HEADER_BYTES} to ${sectorSize}`;
  const stored = view.getUint32(16, true);
  const computed = headerChecksum(header.subarray(0, headerBytes));
  if (stored !== computed) return `has the checksum ${hex(stored)}, expected ${hex(computed)}`;
  const field = (at: number, name: string): number => toSafeNumber(view.getBigUint64(at, true), name);
  const own = field(24, 'own address');
  if (own !== sector) return `says that it stands in sector ${own}, and stands in sector ${sector}`;
  const firstUsable = field(40, 'first usable sector');
  const lastUsable = field(48, 'last usable sector');
  if (firstUsable > lastSector || lastUsable > lastSector || lastUsable < firstUsable)
    return `has sectors ${firstUsable} to ${lastUsable} for partitions, but the disk ends with sector ${lastSector}`;
  const count = view.getUint32(80, true);
  const entryBytes = view.getUint32(84, true);
  if (entryBytes < LINUX_ENTRY_BYTES || entryBytes > ENTRY_BYTES_LIMIT || entryBytes % LINUX_ENTRY_BYTES !== 0)
    return `has entries of ${entryBytes} bytes, expected a multiple of ${LINUX_ENTRY_BYTES} up to ${ENTRY_BYTES_LIMIT}`;
  if (count === 0) return 'has room for no entries';
  if (count > diskLimits.gptEntries)
    return `has ${count} entries, more than are read (limit gptEntries, ${diskLimits.gptEntries})`;
  const entriesOffset = field(72, 'address of the entries') * sectorSize;
  if (entriesOffset + count * entryBytes > disk.size)
    return `has its entries at byte ${entriesOffset}, beyond the end of the disk at byte ${disk.size}`;
  const entries = disk.read(entriesOffset, count * entryBytes);
  const entriesChecksum = view.getUint32(88, true);
  const computedEntries = crc32(entries);
  if (entriesChecksum !== computedEntries)
    return `has the checksum ${hex(entriesChecksum)} for its entries, expected ${hex(computedEntries)}`;
  return {
    offset,
    alternateSector: Number(view.getBigUint64(32, true)),
    firstUsable,
    lastUsable,
    diskGuid: guidText(header.subarray(56, 72)),
    entryBytes,
    entriesChecksum,
    entries,
  };
}

/** The checksum counts its own field as zero. */
function headerChecksum(header: Uint8Array): number {
  const copy = Uint8Array.from(header);
  copy.fill(0, 16, 20);
  return crc32(copy);
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
