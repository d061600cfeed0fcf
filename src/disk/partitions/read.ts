import type { BlockDevice } from '../block-device.ts';
import { isAllZero, viewOf } from '../bytes.ts';
import type { PartitionTable } from '../partition-table.ts';
import {
  BOOT_SECTOR_BYTES,
  hasBootSignature,
  hasValidStatus,
  isFileSystemSector,
  type MbrRecord,
  readRecords,
} from './boot-sector.ts';
import { placePartitions, type SectorSize } from './geometry.ts';
import { readGpt } from './gpt.ts';
import { hasGptMagic } from './gpt-copy.ts';
import { readMbrEntries } from './mbr.ts';

const PROTECTIVE_TYPE = 0xee;
const BOOT_CODE_BYTES = 440;
const bothSizes: readonly SectorSize[] = [512, 4096];

/**
 * Reads the partition table as Linux does: a GPT needs an MBR with an entry of type 0xee, and an MBR whose sector
 * belongs to a file system is none.
 *
 * @param sectorSizes Logical sector sizes the disk may have, the likeliest first. A GPT shows which one is right, an MBR
 *   is read by the first.
 * @throws {DiskError} of kind `io` only; contradictions are in the table's `problems`
 */
export function readPartitionTable(disk: BlockDevice, sectorSizes: readonly SectorSize[] = bothSizes): PartitionTable {
  const sectorSize = sectorSizes[0] ?? 512;
  if (disk.size < BOOT_SECTOR_BYTES) return withoutPartitions(sectorSize, noMbr, []);
  const sector = disk.read(0, BOOT_SECTOR_BYTES);
  const signature = hasBootSignature(sector);
  const records = readRecords(sector);
  const isTable = signature && (hasValidStatus(records) || records.some(isProtective));
  const used = isTable ? records.filter(({ type }) => type !== 0) : [];
  const mbr = {
    signature,
    bootCode: !isAllZero(sector.subarray(0, BOOT_CODE_BYTES)),
    protective: used.some(isProtective),
    hybrid: used.some(isProtective) && used.some((record) => !isProtective(record)),
  };
  if (mbr.protective) return gptTable(disk, sectorSizes, mbr, records);
  const strayGpt = strayGptProblem(disk, sectorSizes);
  if (!isTable || (isFileSystemSector(sector) && !records.some((record) => couldBePartition(disk, record, sectorSize))))
    return withoutPartitions(sectorSize, mbr, strayGpt);
  const diskSignature = viewOf(sector).getUint32(BOOT_CODE_BYTES, true);
  const { entries, problems } = readMbrEntries(disk, records, diskSignature, sectorSize);
  const placed = placePartitions(disk, entries);
  return {
    scheme: 'mbr',
    sectorSize,
    partitions: placed.partitions,
    diskId: diskSignature.toString(16).padStart(8, '0'),
    mbr,
    gpt: undefined,
    problems: [...problems, ...placed.problems, ...strayGpt],
  };
}

const noMbr = { signature: false, bootCode: false, protective: false, hybrid: false } as const;

function withoutPartitions(
  sectorSize: SectorSize,
  mbr: PartitionTable['mbr'],
  problems: readonly string[],
): PartitionTable {
  return { scheme: 'none', sectorSize, partitions: [], diskId: undefined, mbr, gpt: undefined, problems };
}

function gptTable(
  disk: BlockDevice,
  sectorSizes: readonly SectorSize[],
  mbr: PartitionTable['mbr'],
  records: readonly MbrRecord[],
): PartitionTable {
  const gpt = readGpt(disk, sectorSizes);
  const placed = placePartitions(disk, gpt.entries);
  return {
    scheme: 'gpt',
    sectorSize: gpt.sectorSize,
    partitions: placed.partitions,
    diskId: gpt.diskGuid,
    mbr,
    gpt: { primary: gpt.primary, backup: gpt.backup },
    problems: [...protectiveProblems(records), ...gpt.problems, ...placed.problems],
  };
}

function strayGptProblem(disk: BlockDevice, sectorSizes: readonly SectorSize[]): string[] {
  const sectorSize = sectorSizes.find((size) => hasGptMagic(disk, size, 1));
  return sectorSize === undefined
    ? []
    : [`a GPT header stands at byte ${sectorSize}, but the MBR has no entry of type 0xee, so Linux ignores the GPT`];
}

/** The kernel (is_pmbr_valid of efi.c) takes a protective entry only when it begins with the GPT header. */
function protectiveProblems(records: readonly MbrRecord[]): string[] {
  const protective = records.filter(isProtective);
  if (protective.some(({ start }) => start === 1)) return [];
  return [
    `the protective entry of the MBR begins with sector ${protective[0]?.start ?? 0}, not 1, so Linux ignores the GPT`,
  ];
}

function isProtective(record: MbrRecord): boolean {
  return record.type === PROTECTIVE_TYPE;
}

/** A boot sector with the fields of a file system may still be a partition table, when GRUB kept them in place. */
function couldBePartition(disk: BlockDevice, record: MbrRecord, sectorSize: SectorSize): boolean {
  return (
    record.type !== 0 &&
    record.start > 0 &&
    record.sectors > 0 &&
    (record.start + record.sectors) * sectorSize <= disk.size
  );
}
