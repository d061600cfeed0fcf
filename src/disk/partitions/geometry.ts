import { type BlockDevice, sliceDevice } from '../block-device.ts';
import { attemptDisk, DiskError } from '../disk-error.ts';
import type { Partition } from '../partition-table.ts';

/** Bytes of a logical sector. */
export type SectorSize = 512 | 4096;

/** What a table says of a partition, before it is held against the disk. */
export interface TableEntry extends Omit<Partition, 'device'> {
  /** An extended partition holds others; those may lie inside it. */
  readonly isExtended: boolean;
}

/** The partitions with their devices, and what is wrong with their places. */
interface PlacedPartitions {
  readonly partitions: readonly Partition[];
  readonly problems: readonly string[];
}

/** What the kernel lets through of an extended partition, for a boot loader. */
const EXTENDED_DEVICE_BYTES = 1024;

/** Gives each partition its part of the disk where it has one, and names those that leave the disk or overlap. */
export function placePartitions(disk: BlockDevice, entries: readonly TableEntry[]): PlacedPartitions {
  const problems: string[] = [];
  const sorted = [...entries].sort((a, b) => a.number - b.number);
  const partitions = sorted.map(({ isExtended, ...entry }): Partition => {
    const name = `partition ${entry.number}`;
    const problem = misplacement(disk, entry);
    if (problem !== undefined) {
      problems.push(`${name} ${problem}`);
      return { ...entry, device: undefined };
    }
    const size = isExtended ? Math.min(entry.size, EXTENDED_DEVICE_BYTES) : entry.size;
    const device = attemptDisk(() => sliceDevice(disk, entry.offset, size, name));
    return { ...entry, device: device instanceof DiskError ? undefined : device };
  });
  problems.push(...overlaps(sorted));
  return { partitions, problems };
}

function misplacement(disk: BlockDevice, { offset, size }: { offset: number; size: number }): string | undefined {
  if (size <= 0) return `ends before it begins at byte ${offset}`;
  if (offset >= disk.size) return `begins at byte ${offset}, beyond the end of the disk at byte ${disk.size}`;
  if (offset + size > disk.size)
    return `reaches to byte ${offset + size}, beyond the end of the disk at byte ${disk.size}`;
  return undefined;
}

/** Neighbours in the order of their places that share bytes. */
function overlaps(entries: readonly TableEntry[]): string[] {
  const problems: string[] = [];
  const placed = entries.filter(({ size, isExtended }) => size > 0 && !isExtended);
  const extended = entries.filter(({ size, isExtended, number }) => size > 0 && isExtended && number <= 4);
  const inOrder = [...placed].sort((a, b) => a.offset - b.offset);
  let last: TableEntry | undefined;
  for (const entry of inOrder) {
    if (last && entry.offset < last.offset + last.size) problems.push(overlap(last, entry));
    if (!last || entry.offset + entry.size > last.offset + last.size) last = entry;
  }
  for (const outer of extended)
    for (const primary of placed)
      if (
        primary.number <= 4 &&
        primary.offset < outer.offset + outer.size &&
        outer.offset < primary.offset + primary.size
      )
        problems.push(overlap(outer, primary));
  return problems;
}

function overlap(first: TableEntry, second: TableEntry): string {
  const [a, b] = [first.number, second.number].sort((x, y) => x - y);
  return `partitions ${a} and ${b} overlap at byte ${Math.max(first.offset, second.offset)}`;
}
