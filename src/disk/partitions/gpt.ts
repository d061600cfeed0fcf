import type { BlockDevice } from '../block-device.ts';
import { guidText, isAllZero, viewOf } from '../bytes.ts';
import type { GptCopy } from '../partition-table.ts';
import type { SectorSize, TableEntry } from './geometry.ts';
import { hasGptMagic, LINUX_ENTRY_BYTES, readGptCopy, type ValidGptCopy } from './gpt-copy.ts';
import { gptTypeName } from './types.ts';

const PRIMARY_SECTOR = 1;
/** Attribute bit 2: legacy BIOS bootable. */
const BIOS_BOOTABLE = 4n;
const utf16 = new TextDecoder('utf-16le');

/** Both copies of a GPT, and the partitions by the one that is right. */
interface Gpt {
  readonly sectorSize: SectorSize;
  readonly diskGuid: string | undefined;
  readonly entries: readonly TableEntry[];
  readonly primary: GptCopy;
  readonly backup: GptCopy;
  readonly problems: readonly string[];
}

/**
 * Reads the GPT of a disk that has a protective MBR. A damaged primary copy gives way to the backup, as in blkid,
 * parted and systemd; the kernel itself does so with the parameter `gpt` only.
 *
 * @param sectorSizes In the order in which they are tried: no field tells the sector size.
 */
export function readGpt(disk: BlockDevice, sectorSizes: readonly SectorSize[]): Gpt {
  const primaries = sectorSizes.map((sectorSize) => ({
    sectorSize,
    copy: readGptCopy(disk, sectorSize, PRIMARY_SECTOR),
  }));
  for (const { sectorSize, copy } of primaries)
    if (typeof copy !== 'string') return withPrimary(disk, sectorSize, copy);
  for (const { sectorSize, copy } of primaries) {
    const backup = readGptCopy(disk, sectorSize, lastSector(disk, sectorSize));
    if (typeof backup !== 'string') return withBackup(disk, sectorSize, String(copy), backup);
  }
  const { sectorSize, copy } =
    primaries.find((primary) => hasGptMagic(disk, primary.sectorSize, PRIMARY_SECTOR)) ?? primaries[0] ?? noPrimary;
  const backup = readGptCopy(disk, sectorSize, lastSector(disk, sectorSize));
  return {
    sectorSize,
    diskGuid: undefined,
    entries: [],
    primary: { offset: PRIMARY_SECTOR * sectorSize, problem: `the header ${copy}` },
    backup: { offset: lastSector(disk, sectorSize) * sectorSize, problem: `the header ${backup}` },
    problems: ['neither copy of the GPT can be used, so the disk has no partitions'],
  };
}

const noPrimary = { sectorSize: 512, copy: 'is not there' } as const;

function withPrimary(disk: BlockDevice, sectorSize: SectorSize, primary: ValidGptCopy): Gpt {
  return {
    sectorSize,
    diskGuid: primary.diskGuid,
    entries: readEntries(primary, sectorSize),
    primary: { offset: primary.offset, problem: undefined },
    backup: describeBackup(disk, sectorSize, primary),
    problems: entryProblems(disk, primary, sectorSize),
  };
}

function withBackup(disk: BlockDevice, sectorSize: SectorSize, problem: string, backup: ValidGptCopy): Gpt {
  return {
    sectorSize,
    diskGuid: backup.diskGuid,
    entries: readEntries(backup, sectorSize),
    primary: { offset: PRIMARY_SECTOR * sectorSize, problem: `the header ${problem}` },
    backup: { offset: backup.offset, problem: undefined },
    problems: [
      `the primary GPT is damaged, so the partitions are those of the backup at byte ${backup.offset}; Linux reads that only with the kernel parameter gpt`,
      ...entryProblems(disk, backup, sectorSize),
    ],
  };
}

/** The backup belongs in the last sector; a disk that grew has it where the primary says. */
function describeBackup(disk: BlockDevice, sectorSize: SectorSize, primary: ValidGptCopy): GptCopy {
  const last = lastSector(disk, sectorSize);
  const backup = readGptCopy(disk, sectorSize, last);
  if (typeof backup !== 'string') return { offset: backup.offset, problem: difference(primary, backup) };
  const offset = primary.alternateSector * sectorSize;
  if (primary.alternateSector === last) return { offset, problem: `the header ${backup}` };
  if (primary.alternateSector > last)
    return {
      offset,
      problem: `the header would stand at byte ${offset}, beyond the end of the disk at byte ${disk.size}: the disk was cut`,
    };
  const elsewhere = readGptCopy(disk, sectorSize, primary.alternateSector);
  if (typeof elsewhere === 'string') return { offset, problem: `the header ${elsewhere}` };
  return {
    offset,
    problem: `the header is not in the last sector of the disk, at byte ${last * sectorSize}: the disk grew after it was partitioned`,
  };
}

function difference(primary: ValidGptCopy, backup: ValidGptCopy): string | undefined {
  if (backup.diskGuid !== primary.diskGuid) return `the header has the disk GUID ${backup.diskGuid} of another table`;
  if (backup.entriesChecksum !== primary.entriesChecksum) return 'the entries differ from those of the primary copy';
  return undefined;
}

function readEntries(copy: ValidGptCopy, sectorSize: SectorSize): TableEntry[] {
  const entries: TableEntry[] = [];
  for (let at = 0; at < copy.entries.length; at += copy.entryBytes) {
    const bytes = copy.entries.subarray(at, at + copy.entryBytes);
    if (isAllZero(bytes.subarray(0, 16))) continue;
    const view = viewOf(bytes);
    const first = view.getBigUint64(32, true);
    const last = view.getBigUint64(40, true);
    const type = guidText(bytes.subarray(0, 16));
    entries.push({
      number: at / copy.entryBytes + 1,
      offset: Number(first) * sectorSize,
      size: Number(last - first + 1n) * sectorSize,
      type,
      typeName: gptTypeName(type),
      partUuid: guidText(bytes.subarray(16, 32)),
      label: nameOf(bytes.subarray(56, 128)),
      bootable: (view.getBigUint64(48, true) & BIOS_BOOTABLE) !== 0n,
      isExtended: false,
    });
  }
  return entries;
}

function nameOf(bytes: Uint8Array): string | undefined {
  const text = utf16.decode(bytes);
  const end = text.indexOf('\0');
  return (end === -1 ? text : text.slice(0, end)) || undefined;
}

/** What the table itself forbids; that a partition leaves the disk is said elsewhere. */
function entryProblems(disk: BlockDevice, copy: ValidGptCopy, sectorSize: SectorSize): string[] {
  const problems: string[] = [];
  if (copy.entryBytes !== LINUX_ENTRY_BYTES)
    problems.push(
      `the GPT has entries of ${copy.entryBytes} bytes; Linux reads tables with ${LINUX_ENTRY_BYTES} bytes only`,
    );
  const start = copy.firstUsable * sectorSize;
  const end = (copy.lastUsable + 1) * sectorSize;
  for (const { number, offset, size } of readEntries(copy, sectorSize))
    if (size > 0 && offset + size <= disk.size && (offset < start || offset + size > end))
      problems.push(`partition ${number} is not within bytes ${start} to ${end}, which the GPT has for partitions`);
  return problems;
}

function lastSector(disk: BlockDevice, sectorSize: SectorSize): number {
  return Math.floor(disk.size / sectorSize) - 1;
}
