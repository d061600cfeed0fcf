import { type BlockDevice, checkRange } from '../block-device.ts';
import { guidText, hasMagic, toSafeNumber, viewOf } from '../bytes.ts';
import { DiskError } from '../disk-error.ts';
import { diskLimits } from '../limits.ts';
import { textUtf16 } from './utf16.ts';
import type { Region } from './vhdx-regions.ts';

const TABLE_SIZE = 64 * 1024;
const ENTRY_SIZE = 32;
const IS_USER = 1;
const IS_REQUIRED = 4;

const FILE_PARAMETERS = 'caa16737-fa36-4d43-b3b6-33f0aa44e76b';
const VIRTUAL_DISK_SIZE = '2fa54224-cd1b-4876-b211-5dbed83bf4b8';
const LOGICAL_SECTOR_SIZE = '8141bf1d-a96f-4709-ba47-f233a8faab5f';
const PHYSICAL_SECTOR_SIZE = 'cda348c7-445d-4471-9cc9-e9885251c556';
const VIRTUAL_DISK_ID = 'beca12ab-b2e6-4523-93ef-c309e000c746';
const PARENT_LOCATOR = 'a8d35f2d-b30b-454d-abf7-d3d84834ab0c';
const KNOWN: readonly string[] = [
  FILE_PARAMETERS,
  VIRTUAL_DISK_SIZE,
  LOGICAL_SECTOR_SIZE,
  PHYSICAL_SECTOR_SIZE,
  VIRTUAL_DISK_ID,
  PARENT_LOCATOR,
];

const LEAVE_BLOCKS_ALLOCATED = 1;
const HAS_PARENT = 2;
/** By [MS-VHDX] 2.6.2.1; bytes, each a power of two. */
const SMALLEST_BLOCK = 1024 * 1024;
const LARGEST_BLOCK = 256 * 1024 * 1024;
const LARGEST_DISK = 64 * 2 ** 40;
/** Bytes of a parent locator that are read for the message. */
const LONGEST_LOCATOR = 4096;

/** What a VHDX says of its disk, by [MS-VHDX] 2.6. Sizes are bytes. */
export interface VhdxMetadata {
  readonly blockSize: number;
  readonly isFixed: boolean;
  readonly size: number;
  readonly logicalSectorSize: number;
  readonly physicalSectorSize: number;
}

/** @throws {DiskError} when the table is damaged, has a required item that is not known, or names a parent */
export function readMetadata(file: BlockDevice, region: Region): VhdxMetadata {
  const items = readItems(file, region);
  const fields = (id: string, length: number): DataView => {
    const place = items.get(id);
    if (!place || place.length < length) throw failure(region, `lacks the item ${id}`);
    return viewOf(file.read(place.offset, length));
  };
  const parameters = fields(FILE_PARAMETERS, 8);
  const flags = parameters.getUint32(4, true);
  if (flags & HAS_PARENT) refuseParent(file, items.get(PARENT_LOCATOR));
  const metadata: VhdxMetadata = {
    blockSize: parameters.getUint32(0, true),
    isFixed: (flags & LEAVE_BLOCKS_ALLOCATED) !== 0,
    size: toSafeNumber(fields(VIRTUAL_DISK_SIZE, 8).getBigUint64(0, true), 'VHDX disk size'),
    logicalSectorSize: fields(LOGICAL_SECTOR_SIZE, 4).getUint32(0, true),
    physicalSectorSize: fields(PHYSICAL_SECTOR_SIZE, 4).getUint32(0, true),
  };
  const contradiction = contradictionIn(metadata);
  if (contradiction) throw failure(region, contradiction);
  return metadata;
}

function contradictionIn({ blockSize, size, logicalSectorSize }: VhdxMetadata): string | undefined {
  if (blockSize < SMALLEST_BLOCK || blockSize > LARGEST_BLOCK || !Number.isInteger(Math.log2(blockSize)))
    return `gives blocks of ${blockSize} bytes, expected a power of two from 1 to 256 MiB`;
  if (logicalSectorSize !== 512 && logicalSectorSize !== 4096)
    return `gives sectors of ${logicalSectorSize} bytes, expected 512 or 4096`;
  if (size > LARGEST_DISK || size % logicalSectorSize !== 0)
    return `gives a disk of ${size} bytes, expected whole sectors and at most 64 TiB`;
  return undefined;
}

function failure({ offset }: Region, reason: string): DiskError {
  return new DiskError('corrupt', 'VHDX metadata table', reason, offset);
}

function readItems(file: BlockDevice, region: Region): ReadonlyMap<string, Region> {
  const table = file.read(region.offset, Math.min(region.length, TABLE_SIZE));
  const view = viewOf(table);
  if (table.length < TABLE_SIZE || !hasMagic(table, 0, 'metadata'))
    throw failure(region, 'lacks its signature "metadata"');
  const count = view.getUint16(10, true);
  if (count > diskLimits.vhdxTableEntries)
    throw new DiskError(
      'limit',
      'VHDX metadata table',
      `counts ${count} entries (limit vhdxTableEntries)`,
      region.offset,
    );
  const items = new Map<string, Region>();
  for (let at = ENTRY_SIZE; at < (count + 1) * ENTRY_SIZE; at += ENTRY_SIZE) {
    const id = guidText(table.subarray(at, at + 16));
    const flags = view.getUint32(at + 24, true);
    if (flags & IS_USER) continue;
    if (flags & IS_REQUIRED && !KNOWN.includes(id))
      throw new DiskError('unsupported', 'VHDX metadata table', `requires the item ${id}, which is not known`);
    const item = { offset: view.getUint32(at + 16, true), length: view.getUint32(at + 20, true) };
    checkRange({ size: region.length }, item.offset, item.length, `VHDX metadata item ${id}`);
    items.set(id, { offset: region.offset + item.offset, length: item.length });
  }
  return items;
}

/** The name of the parent is only for the message: nothing outside the file is ever opened. */
function refuseParent(file: BlockDevice, locator: Region | undefined): never {
  const name = locator && parentName(file.read(locator.offset, Math.min(locator.length, LONGEST_LOCATOR)));
  throw new DiskError(
    'unsupported',
    'VHDX',
    `is a differencing disk${name ? ` over ${name}` : ''}, which holds only what differs from another file`,
    undefined,
    'merge it with its parent in Hyper-V: Convert-VHD -Path FILE -DestinationPath merged.vhd -VHDType Fixed',
  );
}

/** Keys and values of a parent locator, [MS-VHDX] 2.6.2.6; empty when it cannot be read. */
function parentName(locator: Uint8Array): string {
  const view = viewOf(locator);
  const count = locator.length < 20 ? 0 : view.getUint16(18, true);
  const names = new Map<string, string>();
  for (let at = 20; at + 12 <= locator.length && at < 20 + count * 12; at += 12) {
    const part = (offset: number, length: number) =>
      textUtf16(locator.subarray(offset, offset + length), 'little-endian');
    const key = part(view.getUint32(at, true), view.getUint16(at + 8, true));
    names.set(key, part(view.getUint32(at + 4, true), view.getUint16(at + 10, true)));
  }
  return names.get('absolute_win32_path') ?? names.get('relative_path') ?? '';
}
