import { type BlockDevice, checkRange } from '../block-device.ts';
import { guidText, hasMagic, toSafeNumber, viewOf } from '../bytes.ts';
import { DiskError } from '../disk-error.ts';
import { diskLimits } from '../limits.ts';
import { hasChecksum } from './vhdx-header.ts';

const KIB = 1024;
const TABLES = [192 * KIB, 256 * KIB] as const;
const TABLE_SIZE = 64 * KIB;
const ENTRY_SIZE = 32;
const IS_REQUIRED = 1;

const ALLOCATION_TABLE = '2dc27766-f623-4200-9d64-115e9bfd4a08';
const METADATA = '8b7ca206-4790-4b9a-b8fe-575f050f886e';

/** A part of the file, in bytes from its start. */
export interface Region {
  readonly offset: number;
  readonly length: number;
}

export interface VhdxRegions {
  readonly allocationTable: Region;
  readonly metadata: Region;
}

/**
 * The region table of [MS-VHDX] 2.2.3, or its copy where it is damaged.
 *
 * @throws {DiskError} when both are damaged, or a required region is not known
 */
export function readRegions(file: BlockDevice, problems: string[]): VhdxRegions {
  const [first, second] = TABLES.map((offset) => validTable(file, offset));
  const table = first ?? second;
  if (!table) throw new DiskError('corrupt', 'VHDX region table', 'is damaged, and so is its copy', TABLES[0]);
  if (!first || !second) problems.push('one of the two region tables is damaged');
  const regions = parse(file, table);
  const allocationTable = regions.get(ALLOCATION_TABLE);
  const metadata = regions.get(METADATA);
  if (!allocationTable || !metadata)
    throw new DiskError('corrupt', 'VHDX region table', 'lacks the allocation table or the metadata');
  return { allocationTable, metadata };
}

function validTable(file: BlockDevice, offset: number): Uint8Array | undefined {
  if (offset + TABLE_SIZE > file.size) return undefined;
  const bytes = file.read(offset, TABLE_SIZE);
  return hasMagic(bytes, 0, 'regi') && hasChecksum(bytes) ? bytes : undefined;
}

function parse(file: BlockDevice, table: Uint8Array): ReadonlyMap<string, Region> {
  const view = viewOf(table);
  const count = view.getUint32(8, true);
  if (count > diskLimits.vhdxTableEntries)
    throw new DiskError('limit', 'VHDX region table', `counts ${count} entries (limit vhdxTableEntries)`);
  const regions = new Map<string, Region>();
  for (let at = 16; at < 16 + count * ENTRY_SIZE; at += ENTRY_SIZE) {
    const id = guidText(table.subarray(at, at + 16));
    if (id !== ALLOCATION_TABLE && id !== METADATA) {
      if (view.getUint32(at + 28, true) & IS_REQUIRED)
        throw new DiskError('unsupported', 'VHDX region table', `requires the region ${id}, which is not known`);
      continue;
    }
    const region = {
      offset: toSafeNumber(view.getBigUint64(at + 16, true), 'VHDX region'),
      length: view.getUint32(at + 24, true),
    };
    checkRange(file, region.offset, region.length, 'VHDX region');
    regions.set(id, region);
  }
  return regions;
}
