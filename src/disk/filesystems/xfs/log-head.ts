import type { BlockDevice } from '../../block-device.ts';
import { DiskError } from '../../disk-error.ts';
import { cycleOf, isRecordHeader, LARGEST_RECORD, parseRecordHeader, type RecordHeader } from './log-record.ts';
import { BASIC_BLOCK } from './metadata-block.ts';
import { blockOffset, type Superblock } from './superblock.ts';

/** Records that may be under way at a time, so that holes may be this far behind the head: XLOG_MAX_ICLOGS. */
const RECORDS_IN_FLIGHT = 8;
/** Bytes of the largest record in a log of version 1: XLOG_BIG_RECORD_BSIZE. */
const LARGEST_RECORD_V1 = 32 * 1024;

/** The log as a ring of basic blocks. */
export interface Log {
  /** Basic blocks, here and below. */
  readonly size: number;
  readonly hasV2: boolean;
  /** `count` blocks from `at`, which must not reach beyond the end. */
  read(at: number, count: number): Uint8Array;
}

/** @throws {DiskError} when the log does not lie within one group of the volume */
export function openLog(device: BlockDevice, superblock: Superblock): Log {
  const { logStart, logBlocks, blockSize, features } = superblock;
  const start = blockOffset(superblock, logStart, logBlocks, 'XFS log');
  const size = (logBlocks * blockSize) / BASIC_BLOCK;
  if (size < 2) throw new DiskError('corrupt', 'XFS log', `has ${size} sectors`, start);
  return {
    size,
    hasV2: features.hasLogV2,
    read: (at, count) => device.read(start + at * BASIC_BLOCK, count * BASIC_BLOCK),
  };
}

/** The last record that was written whole, and where the next one would go. */
export interface LogHead {
  readonly head: number;
  readonly last: RecordHeader;
}

const cycleAt = (log: Log, at: number) => cycleOf(log.read(at, 1));

/**
 * Where the last round of writing stopped, by halving: blocks before it have the first block's cycle number, those
 * behind it a smaller one. Undefined for a log that was never written.
 */
export function roughHead(log: Log): { readonly head: number; readonly stop: number } | undefined {
  const first = cycleAt(log, 0);
  if (first === 0) return undefined;
  const last = cycleAt(log, log.size - 1);
  if (last === 0 && first !== 1)
    throw new DiskError('corrupt', 'XFS log', `begins with cycle ${first} and was not written to its end`);
  if (first === last) return { head: log.size, stop: last - 1 };
  let [low, high] = [0, log.size - 1];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (cycleAt(log, middle) === last) high = middle;
    else low = middle;
  }
  return { head: high, stop: last };
}

/**
 * The head as the kernel finds it (xlog_find_head and xlog_find_zeroed of fs/xfs/xfs_log_recover.c): from the rough one
 * back to the first hole that writes under way have left, and then back to the end of a whole record.
 */
export function findHead(log: Log, rough: { readonly head: number; readonly stop: number }): LogHead {
  const record = (log.hasV2 ? LARGEST_RECORD : LARGEST_RECORD_V1) / BASIC_BLOCK;
  const scan = Math.min(record * RECORDS_IN_FLIGHT, log.size);
  let { head } = rough;
  if (head >= scan || rough.stop === 0) head = firstWithCycle(log, Math.max(0, head - scan), head, rough.stop) ?? head;
  else
    head =
      firstWithCycle(log, log.size - (scan - head), log.size, rough.stop - 1) ??
      firstWithCycle(log, 0, head, rough.stop) ??
      head;
  const last = recordBefore(log, head);
  if (!last) throw new DiskError('corrupt', 'XFS log', `has no record before its head at sector ${head}`);
  // A head within a record means that the record was cut short: it goes, and the one before it is the last.
  const length = (head - last.at + log.size) % log.size || log.size;
  if (last.headerBlocks + last.bodyBlocks === length) return { head: head % log.size, last };
  const whole = recordBefore(log, last.at);
  if (!whole) throw new DiskError('corrupt', 'XFS log', `has no record before its head at sector ${last.at}`);
  return { head: last.at, last: whole };
}

function firstWithCycle(log: Log, from: number, to: number, cycle: number): number | undefined {
  const piece = LARGEST_RECORD / BASIC_BLOCK;
  for (let start = from; start < to; start += piece) {
    const count = Math.min(piece, to - start);
    const bytes = log.read(start, count);
    for (let index = 0; index < count; index++)
      if (cycleOf(bytes.subarray(index * BASIC_BLOCK, (index + 1) * BASIC_BLOCK)) === cycle) return start + index;
  }
  return undefined;
}

/** The nearest record header before a block, around the end of the ring if need be; undefined when none is near. */
export function recordBefore(log: Log, head: number): RecordHeader | undefined {
  const most = Math.min(log.size, (LARGEST_RECORD / BASIC_BLOCK) * 2);
  for (let back = 1; back <= most; back++) {
    const at = (head - back + log.size) % log.size;
    const block = log.read(at, 1);
    if (isRecordHeader(block)) return parseRecordHeader(block, at, log.hasV2);
  }
  return undefined;
}
