import { type BlockDevice, checkRange } from '../block-device.ts';
import { hasMagic, toSafeNumber, viewOf } from '../bytes.ts';
import type { OpenedContainer } from '../container.ts';
import { DiskError } from '../disk-error.ts';
import { textUtf16 } from './utf16.ts';
import { readHeader } from './vhdx-header.ts';
import { replayLog } from './vhdx-log.ts';
import { readMetadata } from './vhdx-metadata.ts';
import { readRegions } from './vhdx-regions.ts';

const MIB = 1024 * 1024;
const SIGNATURE = 'vhdxfile';
const CREATOR_SIZE = 512;
/** Sectors that one block of the sector bitmap describes; its entry stands behind those of the blocks it is for. */
const SECTORS_PER_CHUNK = 2 ** 23;

/** States of a block, [MS-VHDX] 2.5.1.1. */
const NOT_PRESENT = 0;
const UNDEFINED = 1;
const ZERO = 2;
const UNMAPPED = 3;
/** The same, as the draft 0.95 of the format numbers it. */
const UNMAPPED_OF_DRAFT = 5;
const FULLY_PRESENT = 6;
const PARTIALLY_PRESENT = 7;
const READ_AS_ZERO: readonly number[] = [NOT_PRESENT, UNDEFINED, ZERO, UNMAPPED, UNMAPPED_OF_DRAFT];

export function isVhdx(file: BlockDevice): boolean {
  return file.size >= SIGNATURE.length && hasMagic(file.read(0, SIGNATURE.length), 0, SIGNATURE);
}

/**
 * A VHDX by [MS-VHDX]. A log that was left is replayed in memory.
 *
 * @throws {DiskError} when it has a parent, a log that cannot be replayed, or damaged tables
 */
export function openVhdx(file: BlockDevice): OpenedContainer {
  const problems: string[] = [];
  const header = readHeader(file, problems);
  const replayed = header.logGuid ? replayLog(file, header, header.logGuid) : file;
  const { allocationTable, metadata } = readRegions(replayed, problems);
  const { size, isFixed, ...sizes } = readMetadata(replayed, metadata);
  const { blockSize } = sizes;
  const chunkRatio = (SECTORS_PER_CHUNK * sizes.logicalSectorSize) / blockSize;
  const blocks = Math.ceil(size / blockSize);
  const entries = blocks + Math.floor(Math.max(0, blocks - 1) / chunkRatio);
  if (entries * 8 > allocationTable.length)
    throw new DiskError(
      'corrupt',
      'VHDX allocation table',
      `is too short for ${blocks} blocks`,
      allocationTable.offset,
    );
  return {
    container: {
      format: 'vhdx',
      type: isFixed ? 'fixed' : 'dynamic',
      fileSize: file.size,
      virtualSize: size,
      ...sizes,
      log: header.logGuid ? 'replayed' : 'empty',
      creator: textUtf16(file.read(SIGNATURE.length, CREATOR_SIZE), 'little-endian'),
      problems,
    },
    disk: {
      size,
      read(offset, length) {
        checkRange({ size }, offset, length, 'VHDX');
        const bytes = new Uint8Array(length);
        for (let at = offset; at < offset + length; ) {
          const block = Math.floor(at / blockSize);
          const within = at - block * blockSize;
          const count = Math.min(blockSize - within, offset + length - at);
          const entry = allocationTable.offset + (block + Math.floor(block / chunkRatio)) * 8;
          const start = startOfBlock(replayed, entry, block);
          if (start !== undefined) {
            checkRange(replayed, start + within, count, `VHDX block ${block}`);
            bytes.set(replayed.read(start + within, count), at - offset);
          }
          at += count;
        }
        return bytes;
      },
    },
  };
}

/** Bytes from the start of the file; undefined for a block that reads as zeros. */
function startOfBlock(file: BlockDevice, entryOffset: number, block: number): number | undefined {
  const entry = viewOf(file.read(entryOffset, 8)).getBigUint64(0, true);
  const state = Number(entry & 7n);
  if (READ_AS_ZERO.includes(state)) return undefined;
  const fail = (reason: string) => new DiskError('corrupt', `VHDX block ${block}`, reason, entryOffset);
  if (state === PARTIALLY_PRESENT) throw fail('is partly in a parent, but there is none');
  if (state !== FULLY_PRESENT) throw fail(`is in state ${state}, which is not known`);
  const start = toSafeNumber(entry >> 20n, `VHDX block ${block}`) * MIB;
  if (start === 0) throw fail('is said to lie in the header of the file');
  return start;
}
