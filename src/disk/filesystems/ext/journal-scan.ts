import { isAllZero, viewOf } from '../../bytes.ts';
import { rawCrc32c } from '../../checksums.ts';
import { DiskError } from '../../disk-error.ts';
import { diskLimits } from '../../limits.ts';
import { JOURNAL_MAGIC, type JournalSuperblock } from './journal-superblock.ts';

/** Where the newest copy of a block of the file system lies. */
export interface LoggedBlock {
  readonly journalBlock: number;
  /** Its first four bytes were taken out, as they looked like the journal's own magic. */
  readonly isEscaped: boolean;
}

export interface JournalScan {
  /** By block of the file system. */
  readonly blocks: ReadonlyMap<number, LoggedBlock>;
  /** Committed transactions. */
  readonly transactions: number;
  /** Number of the first transaction that is not there. */
  readonly nextTransaction: number;
}

const TYPE_DESCRIPTOR = 1;
const TYPE_COMMIT = 2;
const TYPE_REVOKE = 5;
const HEADER_SIZE = 12;
const REVOKE_HEADER_SIZE = 16;

const TAG_ESCAPED = 1;
const TAG_SAME_UUID = 2;
const TAG_LAST = 8;

interface Tag extends LoggedBlock {
  readonly block: number;
  readonly transaction: number;
}

interface Revocation {
  readonly block: number;
  readonly transaction: number;
}

type ReadBlock = (index: number) => Uint8Array;

/**
 * The committed part of the log, as do_one_pass of fs/jbd2/recovery.c goes through it: transactions in order until a
 * block is no part of the expected one. What has no commit block does not count.
 *
 * @param volumeBlocks Blocks of the file system; a tag beyond them is damage.
 */
export function scanJournal(journal: JournalSuperblock, readBlock: ReadBlock, volumeBlocks: number): JournalScan {
  const tags: Tag[] = [];
  const revocations: Revocation[] = [];
  let transaction = journal.sequence;
  let transactions = 0;
  let pendingTags: Tag[] = [];
  let pendingRevocations: Revocation[] = [];
  let at = journal.start;
  const length = journal.end - journal.first;
  const advance = (from: number, by: number) => journal.first + ((from - journal.first + by) % length);
  for (let steps = 0; journal.start !== 0 && steps < length; ) {
    const bytes = readBlock(at);
    const view = viewOf(bytes);
    if (view.getUint32(0) !== JOURNAL_MAGIC || view.getUint32(8) !== transaction) break;
    const type = view.getUint32(4);
    at = advance(at, 1);
    steps += 1;
    if (type === TYPE_DESCRIPTOR) {
      if (!hasRightTail(journal, bytes)) break;
      const found = parseTags(journal, bytes, transaction);
      if (found.some((tag) => tag.block >= volumeBlocks))
        throw new DiskError('corrupt', 'ext journal', `has a block beyond the ${volumeBlocks} of the file system`);
      if (steps + found.length > length || !dataAreRight(journal, found, at, transaction, advance, readBlock)) break;
      pendingTags.push(...found.map((tag, index) => ({ ...tag, journalBlock: advance(at, index) })));
      if (tags.length + pendingTags.length > diskLimits.journalBlocks)
        throw new DiskError('limit', 'ext journal', 'holds more blocks than may be replayed (limit journalBlocks)');
      at = advance(at, found.length);
      steps += found.length;
    } else if (type === TYPE_REVOKE) {
      if (!hasRightTail(journal, bytes)) break;
      pendingRevocations.push(...parseRevocations(journal, bytes, transaction));
    } else if (type === TYPE_COMMIT) {
      if (!commitIsRight(journal, bytes)) break;
      tags.push(...pendingTags);
      revocations.push(...pendingRevocations);
      pendingTags = [];
      pendingRevocations = [];
      transactions += 1;
      transaction = (transaction + 1) >>> 0;
    } else break;
  }
  return { blocks: newestOf(tags, revocations), transactions, nextTransaction: transaction };
}

/** The last copy of each block, without those that a later or the same transaction has revoked. */
function newestOf(tags: readonly Tag[], revocations: readonly Revocation[]): Map<number, LoggedBlock> {
  const revoked = new Map<number, number>();
  for (const { block, transaction } of revocations) {
    const known = revoked.get(block);
    if (known === undefined || isLater(transaction, known)) revoked.set(block, transaction);
  }
  const newest = new Map<number, LoggedBlock>();
  for (const { block, transaction, journalBlock, isEscaped } of tags) {
    const revocation = revoked.get(block);
    if (revocation === undefined || isLater(transaction, revocation)) newest.set(block, { journalBlock, isEscaped });
  }
  return newest;
}

/** Transaction numbers wrap around at 32 bits. */
function isLater(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

/** journal_tag_bytes of fs/jbd2/journal.c. */
function tagSize({ checksum, is64Bit }: JournalSuperblock): number {
  if (checksum === 'v3') return 16;
  return 8 + (is64Bit ? 4 : 0) + (checksum === 'v2' ? 2 : 0);
}

interface FoundTag extends Tag {
  readonly checksum: number;
}

function parseTags(journal: JournalSuperblock, bytes: Uint8Array, transaction: number): FoundTag[] {
  const view = viewOf(bytes);
  const size = tagSize(journal);
  const end = bytes.length - (journal.checksum === 'none' ? 0 : 4);
  const tags: FoundTag[] = [];
  for (let at = HEADER_SIZE; at + size <= end; ) {
    const isV3 = journal.checksum === 'v3';
    const flags = isV3 ? view.getUint32(at + 4) : view.getUint16(at + 6);
    const high = journal.is64Bit ? view.getUint32(at + 8) : 0;
    tags.push({
      block: view.getUint32(at) + high * 2 ** 32,
      transaction,
      journalBlock: 0,
      isEscaped: (flags & TAG_ESCAPED) !== 0,
      checksum: isV3 ? view.getUint32(at + 12) : view.getUint16(at + 4),
    });
    if ((flags & TAG_LAST) !== 0) break;
    at += size + ((flags & TAG_SAME_UUID) === 0 ? 16 : 0);
  }
  return tags;
}

/** Whether the copies behind a descriptor are what it announces; without checksums nobody can tell. */
function dataAreRight(
  journal: JournalSuperblock,
  tags: readonly FoundTag[],
  from: number,
  transaction: number,
  advance: (from: number, by: number) => number,
  readBlock: ReadBlock,
): boolean {
  if (journal.checksum === 'none') return true;
  const number = new Uint8Array(4);
  viewOf(number).setUint32(0, transaction);
  const seed = rawCrc32c(number, journal.checksumSeed);
  return tags.every(({ checksum }, index) => {
    const computed = rawCrc32c(readBlock(advance(from, index)), seed);
    return journal.checksum === 'v3' ? computed === checksum : (computed & 0xffff) === checksum;
  });
}

function parseRevocations(journal: JournalSuperblock, bytes: Uint8Array, transaction: number): Revocation[] {
  const view = viewOf(bytes);
  const size = journal.is64Bit ? 8 : 4;
  const end = Math.min(view.getUint32(HEADER_SIZE), bytes.length - (journal.checksum === 'none' ? 0 : 4));
  const revocations: Revocation[] = [];
  for (let at = REVOKE_HEADER_SIZE; at + size <= end; at += size)
    revocations.push({
      block: journal.is64Bit ? view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4) : view.getUint32(at),
      transaction,
    });
  return revocations;
}

/** Descriptor and revoke blocks end in a checksum of themselves. */
function hasRightTail({ checksum, checksumSeed }: JournalSuperblock, bytes: Uint8Array): boolean {
  if (checksum === 'none') return true;
  return rightChecksum(bytes, bytes.length - 4, checksumSeed);
}

function commitIsRight({ checksum, checksumSeed }: JournalSuperblock, bytes: Uint8Array): boolean {
  return checksum === 'none' || rightChecksum(bytes, 0x10, checksumSeed);
}

function rightChecksum(bytes: Uint8Array, at: number, seed: number): boolean {
  const copy = bytes.slice();
  copy.fill(0, at, at + 4);
  return rawCrc32c(copy, seed) === viewOf(bytes).getUint32(at);
}

const FAST_COMMIT_HEAD = 9;

/** Whether fast commits follow the last transaction: their area opens with a head that bears its number. */
export function hasFastCommits(journal: JournalSuperblock, readBlock: ReadBlock, nextTransaction: number): boolean {
  if (!journal.hasFastCommits) return false;
  // j_fc_first of fs/jbd2/journal.c leaves one block free.
  const bytes = readBlock(journal.end + 1);
  const view = viewOf(bytes);
  if (isAllZero(bytes.subarray(0, 12)) || view.getUint16(0, true) !== FAST_COMMIT_HEAD) return false;
  return view.getUint32(8, true) === nextTransaction;
}
