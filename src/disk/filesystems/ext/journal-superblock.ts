import { viewOf } from '../../bytes.ts';
import { rawCrc32c } from '../../checksums.ts';
import { DiskError } from '../../disk-error.ts';

export const JOURNAL_MAGIC = 0xc03b3998;

const TYPE_SUPERBLOCK_V1 = 3;
const TYPE_SUPERBLOCK_V2 = 4;

/** Of s_feature_compat: a commit block holds a CRC-32 of its whole transaction. */
const COMPAT_CHECKSUM = 0x1;

const INCOMPAT_REVOKE = 0x1;
const INCOMPAT_64BIT = 0x2;
const INCOMPAT_ASYNC_COMMIT = 0x4;
const INCOMPAT_CHECKSUM_V2 = 0x8;
const INCOMPAT_CHECKSUM_V3 = 0x10;
const INCOMPAT_FAST_COMMIT = 0x20;
const KNOWN =
  INCOMPAT_REVOKE |
  INCOMPAT_64BIT |
  INCOMPAT_ASYNC_COMMIT |
  INCOMPAT_CHECKSUM_V2 |
  INCOMPAT_CHECKSUM_V3 |
  INCOMPAT_FAST_COMMIT;
/** JBD2_DEFAULT_FAST_COMMIT_BLOCKS. */
const DEFAULT_FAST_COMMIT_BLOCKS = 256;
/** JBD2_MIN_JOURNAL_BLOCKS: fast commits leave at least so many for the log, or get none. */
const LEAST_LOG_BLOCKS = 1024;

/** What the replay needs of struct journal_superblock_s (include/linux/jbd2.h). */
export interface JournalSuperblock {
  /** Bytes. */
  readonly blockSize: number;
  /** First block of the log within the journal. */
  readonly first: number;
  /** First block behind the log, which is a ring. */
  readonly end: number;
  /** First block behind the journal; fast commits lie between. */
  readonly length: number;
  /** Number of the transaction expected at `start`. */
  readonly sequence: number;
  /** Block where the log begins; 0 when there is nothing to replay. */
  readonly start: number;
  readonly is64Bit: boolean;
  /** `v1` covers whole transactions, the others each block. */
  readonly checksum: 'none' | 'v1' | 'v2' | 'v3';
  readonly checksumSeed: number;
  /** A commit block may have reached the disk before the blocks that it commits. */
  readonly isAsynchronous: boolean;
  readonly hasFastCommits: boolean;
  /** Number of the error that the kernel recorded when it gave the journal up; 0 for none. */
  readonly error: number;
}

/** @throws {DiskError} when it is damaged or of a kind that is not read */
export function readJournalSuperblock(bytes: Uint8Array, blockSize: number): JournalSuperblock {
  const view = viewOf(bytes);
  const fail = (reason: string) => new DiskError('corrupt', 'ext journal superblock', reason);
  const type = view.getUint32(4);
  if (view.getUint32(0) !== JOURNAL_MAGIC || (type !== TYPE_SUPERBLOCK_V1 && type !== TYPE_SUPERBLOCK_V2))
    throw fail('lacks its magic 0xc03b3998');
  if (view.getUint32(0xc) !== blockSize)
    throw fail(`gives blocks of ${view.getUint32(0xc)} bytes, the file system ${blockSize}`);
  const incompat = type === TYPE_SUPERBLOCK_V2 ? view.getUint32(0x28) : 0;
  if ((incompat & ~KNOWN) !== 0)
    throw new DiskError(
      'unsupported',
      'ext journal',
      `has features that this program does not know (0x${incompat.toString(16)})`,
    );
  const hasV1 = type === TYPE_SUPERBLOCK_V2 && (view.getUint32(0x24) & COMPAT_CHECKSUM) !== 0;
  const kinds = [
    ...(hasV1 ? (['v1'] as const) : []),
    ...((incompat & INCOMPAT_CHECKSUM_V2) !== 0 ? (['v2'] as const) : []),
    ...((incompat & INCOMPAT_CHECKSUM_V3) !== 0 ? (['v3'] as const) : []),
  ];
  const [checksum = 'none'] = kinds;
  if (kinds.length > 1) throw fail(`has checksums of several kinds at once (${kinds.join(', ')})`);
  if ((checksum === 'v2' || checksum === 'v3') && !hasRightChecksum(bytes)) throw fail('has a wrong checksum');
  const length = view.getUint32(0x10);
  const hasFastCommits = (incompat & INCOMPAT_FAST_COMMIT) !== 0;
  const fastCommitBlocks = hasFastCommits ? view.getUint32(0x54) || DEFAULT_FAST_COMMIT_BLOCKS : 0;
  const first = view.getUint32(0x14);
  const end = length - fastCommitBlocks >= LEAST_LOG_BLOCKS ? length - fastCommitBlocks : length;
  const start = view.getUint32(0x1c);
  if (first < 1 || end <= first || (start !== 0 && (start < first || start >= end)))
    throw fail(`places its log at block ${start} of ${first} to ${end}`);
  return {
    blockSize,
    first,
    end,
    length,
    sequence: view.getUint32(0x18),
    start,
    is64Bit: (incompat & INCOMPAT_64BIT) !== 0,
    checksum,
    checksumSeed: rawCrc32c(bytes.subarray(0x30, 0x40), 0xffffffff),
    isAsynchronous: (incompat & INCOMPAT_ASYNC_COMMIT) !== 0,
    hasFastCommits,
    error: view.getInt32(0x20),
  };
}

function hasRightChecksum(bytes: Uint8Array): boolean {
  const copy = bytes.slice(0, 1024);
  const stored = viewOf(copy).getUint32(0xfc);
  copy.fill(0, 0xfc, 0x100);
  return rawCrc32c(copy, 0xffffffff) === stored;
}
