import type { BlockDevice } from '../block-device.ts';
import { diskLimits } from '../limits.ts';
import { BOOT_SECTOR_BYTES, hasBootSignature, type MbrRecord, readRecords } from './boot-sector.ts';
import type { SectorSize, TableEntry } from './geometry.ts';
import { mbrType, mbrTypeName } from './types.ts';

const EXTENDED_TYPES: ReadonlySet<number> = new Set([0x05, 0x0f, 0x85]);
const FIRST_LOGICAL = 5;
/** Records of an extended boot record that hold data by all conventions; the others are garbage at times. */
const TRUSTED_RECORDS = 2;

interface MbrEntries {
  readonly entries: readonly TableEntry[];
  readonly problems: readonly string[];
}

/**
 * Primary and logical partitions, numbered as the kernel numbers them (block/partitions/msdos.c): a primary one by its
 * place in the table, logical ones from 5 in the order of the chain.
 *
 * @param signature The disk signature at byte 440, which begins each PARTUUID.
 */
export function readMbrEntries(
  disk: BlockDevice,
  records: readonly MbrRecord[],
  signature: number,
  sectorSize: SectorSize,
): MbrEntries {
  const entries: TableEntry[] = [];
  const problems: string[] = [];
  const add = (record: MbrRecord, number: number, startSector: number): void => {
    entries.push({
      number,
      offset: startSector * sectorSize,
      size: record.sectors * sectorSize,
      type: mbrType(record.type),
      typeName: mbrTypeName(record.type),
      partUuid: `${hex(signature, 8)}-${hex(number, 2)}`,
      label: undefined,
      bootable: record.status === 0x80,
      isExtended: isExtended(record),
    });
  };
  let next = FIRST_LOGICAL;
  for (const [index, record] of records.entries()) {
    if (record.sectors === 0) continue;
    add(record, index + 1, record.start);
    if (!isExtended(record)) continue;
    const chain = readChain(disk, record, sectorSize);
    problems.push(...chain.problems);
    for (const logical of chain.logical) add(logical.record, next++, logical.start);
  }
  return { entries, problems };
}

export function isExtendedType(type: string): boolean {
  return EXTENDED_TYPES.has(Number(type));
}

interface Chain {
  /** With the start in sectors of the disk. */
  readonly logical: readonly { readonly record: MbrRecord; readonly start: number }[];
  readonly problems: readonly string[];
}

/** Follows the extended boot records: each has its partition, and a link whose start counts from the first of them. */
function readChain(disk: BlockDevice, extended: MbrRecord, sectorSize: SectorSize): Chain {
  const logical: { record: MbrRecord; start: number }[] = [];
  const problems: string[] = [];
  const seen = new Set<number>();
  let here = { start: extended.start, sectors: extended.sectors };
  for (;;) {
    const name = `extended boot record at byte ${here.start * sectorSize}`;
    if (seen.has(here.start)) {
      problems.push(`${name} is part of its own chain`);
      break;
    }
    if (seen.size >= diskLimits.extendedPartitions) {
      problems.push(`${name} is one too many (limit extendedPartitions, ${diskLimits.extendedPartitions})`);
      break;
    }
    seen.add(here.start);
    if (here.start * sectorSize + BOOT_SECTOR_BYTES > disk.size) {
      problems.push(`${name} lies beyond the end of the disk at byte ${disk.size}`);
      break;
    }
    const sector = disk.read(here.start * sectorSize, BOOT_SECTOR_BYTES);
    if (!hasBootSignature(sector)) {
      // An extended partition without any logical one may begin with anything.
      if (seen.size > 1) problems.push(`${name} does not end in 0x55 0xaa`);
      break;
    }
    const records = readRecords(sector);
    for (const [index, record] of records.entries()) {
      if (record.sectors === 0 || isExtended(record)) continue;
      const start = here.start + record.start;
      const isInside = start >= extended.start && start + record.sectors <= extended.start + extended.sectors;
      if (index >= TRUSTED_RECORDS && (!isInside || record.start + record.sectors > here.sectors)) continue;
      if (!isInside)
        problems.push(`${name} has a partition at byte ${start * sectorSize} outside of the extended partition`);
      logical.push({ record, start });
    }
    const link = records.find((record) => record.sectors !== 0 && isExtended(record));
    if (!link) break;
    here = { start: extended.start + link.start, sectors: link.sectors };
  }
  return { logical, problems };
}

function isExtended(record: MbrRecord): boolean {
  return EXTENDED_TYPES.has(record.type);
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
