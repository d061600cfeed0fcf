import { viewOf } from '../../bytes.ts';
import { rawCrc32c } from '../../checksums.ts';
import { hasBlockChecksums, type Tag } from './journal-blocks.ts';
import type { JournalSuperblock } from './journal-superblock.ts';

/** Fields of struct commit_header (include/linux/jbd2.h). */
const COMMIT_CHECKSUM_TYPE_AT = 0xc;
const COMMIT_CHECKSUM_SIZE_AT = 0xd;
const COMMIT_CHECKSUM_AT = 0x10;
const COMMIT_SECONDS_AT = 0x30;
const COMMIT_HEADER_SIZE = 0x40;
/** JBD2_CRC32_CHKSUM and its size. */
const TYPE_CRC32 = 1;
const SIZE_CRC32 = 4;

/** When a transaction was committed, in seconds; the order alone matters. */
export function commitTime(bytes: Uint8Array): bigint {
  return viewOf(bytes).getBigUint64(COMMIT_SECONDS_AT);
}

/** Descriptor and revoke blocks end in a checksum of themselves; true where there are none. */
export function hasRightTail(journal: JournalSuperblock, bytes: Uint8Array): boolean {
  return !hasBlockChecksums(journal) || hasRightChecksumAt(journal, bytes, bytes.length - 4);
}

/**
 * True where there are no checksums of blocks. What follows the header has no meaning: newer kernels let it be damaged,
 * in jbd2_commit_block_csum_verify_partial of fs/jbd2/recovery.c.
 */
export function isCommitRight(journal: JournalSuperblock, bytes: Uint8Array): boolean {
  if (!hasBlockChecksums(journal) || hasRightChecksumAt(journal, bytes, COMMIT_CHECKSUM_AT)) return true;
  const header = new Uint8Array(bytes.length);
  header.set(bytes.subarray(0, COMMIT_HEADER_SIZE));
  return hasRightChecksumAt(journal, header, COMMIT_CHECKSUM_AT);
}

/** @param computed CRC-32 of all blocks of the transaction; a commit block may leave it out. */
export function isOldCommitRight(bytes: Uint8Array, computed: number): boolean {
  const type = bytes[COMMIT_CHECKSUM_TYPE_AT];
  const size = bytes[COMMIT_CHECKSUM_SIZE_AT];
  const stored = viewOf(bytes).getUint32(COMMIT_CHECKSUM_AT);
  if (type === 0 && size === 0 && stored === 0) return true;
  return type === TYPE_CRC32 && size === SIZE_CRC32 && stored === computed;
}

/** Whether a copy in the journal is what its tag announces; true where there are no checksums of blocks. */
export function isCopyRight(
  journal: JournalSuperblock,
  { checksum }: Tag,
  transaction: number,
  bytes: Uint8Array,
): boolean {
  if (!hasBlockChecksums(journal)) return true;
  const number = new Uint8Array(4);
  viewOf(number).setUint32(0, transaction);
  const computed = rawCrc32c(bytes, rawCrc32c(number, journal.checksumSeed));
  return journal.checksum === 'v3' ? computed === checksum : (computed & 0xffff) === checksum;
}

/** The checksum's own four bytes count as zero. */
function hasRightChecksumAt({ checksumSeed }: JournalSuperblock, bytes: Uint8Array, at: number): boolean {
  const before = rawCrc32c(bytes.subarray(0, at), checksumSeed);
  const computed = rawCrc32c(bytes.subarray(at + 4), rawCrc32c(new Uint8Array(4), before));
  return computed === viewOf(bytes).getUint32(at);
}
