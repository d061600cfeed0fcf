import { viewOf } from '../../bytes.ts';
import { rawCrc32c } from '../../checksums.ts';
import { DiskError } from '../../disk-error.ts';
import { BASIC_BLOCK } from './metadata-block.ts';

/** XLOG_HEADER_MAGIC_NUM: no cycle number, so it tells a header from the blocks of a record. */
const MAGIC = 0xfeedbabe;
const VERSION_2 = 2;
/** Bytes of a record whose cycle numbers one header block has room for: XLOG_HEADER_CYCLE_SIZE. */
export const CYCLE_SPAN = 32 * 1024;
/** Bytes; XLOG_MAX_RECORD_BSIZE. */
export const LARGEST_RECORD = 256 * 1024;

/** A log record's header: struct xlog_rec_header of the kernel's xfs_log_format.h. */
export interface RecordHeader {
  /** Basic block of the log where it stands. */
  readonly at: number;
  /** Its basic blocks, and those of what follows it. */
  readonly headerBlocks: number;
  readonly bodyBlocks: number;
  /** Bytes. */
  readonly bodyLength: number;
  readonly cycle: number;
  /** Cycle number and basic block of this record, and of the first one whose changes may not be in place yet. */
  readonly sequence: bigint;
  readonly tailSequence: bigint;
  readonly checksum: number;
  readonly operations: number;
  /** Byte order and word size of the machine that wrote it; 1 is Linux with the low byte first. */
  readonly format: number;
  readonly uuid: Uint8Array;
}

export function isRecordHeader(block: Uint8Array): boolean {
  return viewOf(block).getUint32(0) === MAGIC;
}

/** Every block of the log begins with the number of the round in which it was written. */
export function cycleOf(block: Uint8Array): number {
  const view = viewOf(block);
  return view.getUint32(isRecordHeader(block) ? 4 : 0);
}

/** Low half of a sequence number: a basic block of the log. */
export function blockOfSequence(sequence: bigint): number {
  return Number(sequence & 0xffffffffn);
}

/** @throws {DiskError} when it has sizes that no record has */
export function parseRecordHeader(block: Uint8Array, at: number, hasLogV2: boolean): RecordHeader {
  const view = viewOf(block);
  const length = view.getUint32(12);
  const capacity = view.getUint32(320);
  if (length > LARGEST_RECORD || capacity > LARGEST_RECORD)
    throw new DiskError('corrupt', 'XFS log', `has a record of ${length} of ${capacity} bytes at its block ${at}`);
  // xlog_logrec_hblks of the kernel's xfs_log_recover.c.
  const isLarge = hasLogV2 && (view.getUint32(8) & VERSION_2) !== 0 && capacity > CYCLE_SPAN;
  return {
    at,
    headerBlocks: isLarge ? Math.ceil(capacity / CYCLE_SPAN) : 1,
    bodyBlocks: Math.ceil(length / BASIC_BLOCK),
    bodyLength: length,
    cycle: view.getUint32(4),
    sequence: view.getBigUint64(16),
    tailSequence: view.getBigUint64(24),
    checksum: view.getUint32(32, true),
    operations: view.getUint32(40),
    format: view.getUint32(300),
    uuid: block.slice(304, 320),
  };
}

/** Bytes of the header that its checksum covers, and of each further header block. */
const CHECKED_HEADER = 328;
const CHECKED_HEADER_32_BIT = 324;
const CHECKED_EXTENSION = 260;
const CHECKSUM_AT = 32;
/** Where the replaced words stand in the first header block, and in each further one. */
const CYCLE_WORDS_AT = 44;
const EXTENSION_WORDS_AT = 4;
const WORDS_PER_BLOCK = CYCLE_SPAN / BASIC_BLOCK;

/**
 * Puts back the first word of each block of a record, which the cycle number had taken the place of.
 *
 * @param headers The record's header blocks.
 * @param stored Its body as it lies in the log.
 * @throws {DiskError} when the checksum is wrong
 */
export function unpackBody(header: RecordHeader, headers: Uint8Array, stored: Uint8Array): Uint8Array {
  const isRight = [CHECKED_HEADER, CHECKED_HEADER_32_BIT].some(
    (size) => recordChecksum(headers, stored, size) === header.checksum,
  );
  if (!isRight)
    throw new DiskError('corrupt', 'XFS log', `has a record with a wrong checksum at its sector ${header.at}`);
  const body = new Uint8Array(header.bodyBlocks * BASIC_BLOCK);
  body.set(stored);
  for (let block = 0; block < header.bodyBlocks; block++) {
    const index = Math.floor(block / WORDS_PER_BLOCK);
    const words = index === 0 ? CYCLE_WORDS_AT : index * BASIC_BLOCK + EXTENSION_WORDS_AT;
    const at = words + (block % WORDS_PER_BLOCK) * 4;
    if (index >= header.headerBlocks) throw new DiskError('corrupt', 'XFS log', 'has a record larger than it may be');
    body.set(headers.subarray(at, at + 4), block * BASIC_BLOCK);
  }
  return body.subarray(0, header.bodyLength);
}

/** xlog_cksum of fs/xfs/xfs_log.c. */
function recordChecksum(headers: Uint8Array, body: Uint8Array, headerSize: number): number {
  let value = rawCrc32c(headers.subarray(0, CHECKSUM_AT), 0xffffffff);
  value = rawCrc32c(new Uint8Array(4), value);
  value = rawCrc32c(headers.subarray(CHECKSUM_AT + 4, headerSize), value);
  for (let block = 1; block < Math.ceil(body.length / CYCLE_SPAN); block++)
    value = rawCrc32c(headers.subarray(block * BASIC_BLOCK, block * BASIC_BLOCK + CHECKED_EXTENSION), value);
  return ~rawCrc32c(body, value) >>> 0;
}
