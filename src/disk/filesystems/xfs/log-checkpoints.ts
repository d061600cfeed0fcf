import { viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import type { Log } from './log-head.ts';
import { isRecordHeader, parseRecordHeader, type RecordHeader, unpackBody } from './log-record.ts';
import { BASIC_BLOCK, isSameUuid } from './metadata-block.ts';
import type { Superblock } from './superblock.ts';

/** Changes that were committed together. */
export interface Checkpoint {
  /** Of the record in which it began. */
  readonly sequence: bigint;
  /** Each a list of regions; the first describes the others. */
  readonly items: readonly (readonly Uint8Array[])[];
}

/** Flags of an operation: XLOG_START_TRANS and so on. */
const flag = { start: 0x01, commit: 0x02, continues: 0x04, wasContinued: 0x08, end: 0x10, unmount: 0x20 } as const;
const OPERATION_SIZE = 12;
/** XFS_TRANSACTION and XFS_LOG, who may have written an operation. */
const writers: ReadonlySet<number> = new Set([0x69, 0xaa]);
/** Magic and size of struct xfs_trans_header. */
const TRANSACTION_MAGIC = 0x5452414e;
const TRANSACTION_HEADER_SIZE = 16;
/** XLOG_FMT_LINUX_LE. */
const LITTLE_ENDIAN = 1;

/** Regions that were collected so far; the header of the transaction comes first of all. */
interface Transaction {
  readonly sequence: bigint;
  header: Uint8Array | undefined;
  readonly items: { readonly total: number; readonly regions: Uint8Array[] }[];
}

/**
 * What the log holds between two of its blocks, in the order of the commits (xlog_do_recovery_pass of
 * fs/xfs/xfs_log_recover.c). What was begun and not committed does not count.
 *
 * @throws {DiskError} when a record on the way is damaged, or of another machine or file system
 */
export function* checkpointsOf(log: Log, superblock: Superblock, tail: number, head: number): Generator<Checkpoint> {
  const open = new Map<number, Transaction>();
  let left = (head - tail + log.size) % log.size;
  for (let at = tail; left > 0; ) {
    const block = log.read(at, 1);
    if (!isRecordHeader(block)) throw fail(`has no record at its sector ${at}, where one should begin`);
    const header = parseRecordHeader(block, at, log.hasV2);
    checkHeader(header, superblock);
    const size = header.headerBlocks + header.bodyBlocks;
    if (size > left) throw fail(`has a record that reaches beyond its head at sector ${head}`);
    const headers = readRing(log, at, header.headerBlocks);
    const stored = readRing(log, at + header.headerBlocks, header.bodyBlocks).subarray(0, header.bodyLength);
    const body = unpackBody(header, headers, stored);
    yield* processRecord(header, body, open);
    at = (at + size) % log.size;
    left -= size;
  }
}

function checkHeader(header: RecordHeader, superblock: Superblock): void {
  if (header.format !== LITTLE_ENDIAN)
    throw new DiskError('unsupported', 'XFS log', 'was written by a machine that stores the high byte first');
  if (!isSameUuid(header.uuid, superblock.uuidBytes)) throw fail('belongs to another file system');
}

function readRing(log: Log, from: number, count: number): Uint8Array {
  const at = from % log.size;
  if (at + count <= log.size) return log.read(at, count);
  const bytes = new Uint8Array(count * BASIC_BLOCK);
  bytes.set(log.read(at, log.size - at));
  bytes.set(log.read(0, at + count - log.size), (log.size - at) * BASIC_BLOCK);
  return bytes;
}

function* processRecord(header: RecordHeader, body: Uint8Array, open: Map<number, Transaction>): Generator<Checkpoint> {
  const view = viewOf(body);
  let at = 0;
  for (let count = 0; count < header.operations && at < body.length; count++) {
    if (at + OPERATION_SIZE > body.length) throw fail('has an operation that reaches beyond its record');
    const id = view.getUint32(at);
    const length = view.getUint32(at + 4);
    const flags = view.getUint8(at + 9);
    if (!writers.has(view.getUint8(at + 8))) throw fail('has an operation of an unknown writer');
    at += OPERATION_SIZE;
    if (at + length > body.length) throw fail('has an operation that reaches beyond its record');
    const region = body.subarray(at, at + length);
    at += length;
    const transaction = open.get(id);
    if (!transaction) {
      // Without a start it is the rest of something that was committed before the tail.
      if ((flags & flag.start) !== 0) open.set(id, { sequence: header.sequence, header: undefined, items: [] });
      continue;
    }
    const kind = flags & ~(flag.end | ((flags & flag.wasContinued) !== 0 ? flag.continues : 0));
    if (kind === flag.commit) {
      open.delete(id);
      yield { sequence: transaction.sequence, items: transaction.items.map(completeItem) };
    } else if (kind === 0 || kind === flag.continues) addRegion(transaction, region);
    else if (kind === flag.wasContinued) continueRegion(transaction, region);
    else if (kind === flag.unmount) open.delete(id);
    else throw fail(`has an operation with the flags 0x${flags.toString(16)}`);
  }
}

/** xlog_recover_add_to_trans. */
function addRegion(transaction: Transaction, region: Uint8Array): void {
  if (region.length === 0) return;
  if (transaction.header === undefined) {
    if (region.length < 4 || viewOf(region).getUint32(0, true) !== TRANSACTION_MAGIC)
      throw fail('has a transaction without its magic TRAN');
    transaction.header = region;
    return;
  }
  const last = transaction.items.at(-1);
  if (last && last.regions.length < last.total) {
    last.regions.push(region);
    return;
  }
  const total = region.length < 4 ? 0 : viewOf(region).getUint16(2, true);
  if (total === 0) throw fail('has an item without regions');
  transaction.items.push({ total, regions: [region] });
}

/** xlog_recover_add_to_cont_trans: the rest of the region before, or of the transaction's header. */
function continueRegion(transaction: Transaction, region: Uint8Array): void {
  const last = transaction.items.at(-1);
  if (!last) {
    const header = join(transaction.header ?? new Uint8Array(), region);
    if (header.length > TRANSACTION_HEADER_SIZE) throw fail('has a transaction whose header is too long');
    transaction.header = header;
    return;
  }
  last.regions.push(join(last.regions.pop() ?? new Uint8Array(), region));
}

function completeItem({ total, regions }: Transaction['items'][number]): readonly Uint8Array[] {
  if (regions.length !== total) throw fail(`has an item of ${total} regions with ${regions.length}`);
  return regions;
}

function join(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

function fail(reason: string): DiskError {
  return new DiskError('corrupt', 'XFS log', reason);
}
