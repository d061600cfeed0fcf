import { viewOf } from '../../bytes.ts';
import { rawCrc32HighFirst } from '../../checksums.ts';
import { DiskError } from '../../disk-error.ts';
import { diskLimits } from '../../limits.ts';
import { blockType, revocationsOf, type Tag, tagsOf } from './journal-blocks.ts';
import { commitTime, hasRightTail, isCommitRight, isOldCommitRight } from './journal-checksums.ts';
import { JOURNAL_MAGIC, type JournalSuperblock } from './journal-superblock.ts';

/** A block that a transaction changes. */
export interface LoggedTag extends Tag {
  /** Block of the journal that holds the copy. */
  readonly journalBlock: number;
}

/** What one transaction changes, as its descriptor and revoke blocks say. */
export interface Transaction {
  readonly number: number;
  readonly tags: readonly LoggedTag[];
  /** Blocks of the file system. */
  readonly revocations: readonly number[];
}

export interface JournalScan {
  readonly transactions: readonly Transaction[];
  /** Number of the first transaction that is not there. */
  readonly next: number;
}

export type ReadBlock = (index: number) => Uint8Array;

const START_OF_CRC = 0xffffffff;

/**
 * The committed transactions, found as PASS_SCAN of do_one_pass in fs/jbd2/recovery.c finds them: in order, until a
 * block is no part of the expected one. What has no commit block does not count.
 *
 * @throws {DiskError} where the kernel gives up, so that the file system cannot be mounted: a committed transaction is
 *   damaged
 */
export function scanJournal(journal: JournalSuperblock, readBlock: ReadBlock): JournalScan {
  const length = journal.end - journal.first;
  const behind = (block: number, by: number) => journal.first + ((block - journal.first + by) % length);
  const transactions: Transaction[] = [];
  let number = journal.sequence;
  let tags: LoggedTag[] = [];
  let revocations: number[] = [];
  let held = 0;
  let isDoubtful = false;
  let lastTime = 0n;
  let crc = START_OF_CRC;
  /** Number of a transaction whose blocks may have been cut off behind its commit. */
  let interrupted: number | undefined;
  for (let at = journal.start, steps = 0; journal.start !== 0 && steps < length; steps++) {
    const bytes = readBlock(at);
    const view = viewOf(bytes);
    if (view.getUint32(0) !== JOURNAL_MAGIC || view.getUint32(8) !== number) break;
    const type = view.getUint32(4);
    at = behind(at, 1);
    if (type === blockType.descriptor) {
      // Blocks of an older life of the journal may lie here; their commit block tells.
      isDoubtful ||= !hasRightTail(journal, bytes);
      const first = at;
      const found = tagsOf(journal, bytes).map((tag, index) => ({ ...tag, journalBlock: behind(first, index) }));
      if (journal.checksum === 'v1' && !isDoubtful && interrupted === undefined) {
        crc = rawCrc32HighFirst(bytes, crc);
        for (const { journalBlock } of found) crc = rawCrc32HighFirst(readBlock(journalBlock), crc);
      }
      tags.push(...found);
      held += found.length;
      at = behind(at, found.length);
      steps += found.length;
    } else if (type === blockType.revoke) {
      isDoubtful ||= !hasRightTail(journal, bytes);
      const found = isDoubtful ? [] : revocationsOf(journal, bytes);
      revocations.push(...found);
      held += found.length;
    } else if (type === blockType.commit) {
      // With the old checksums, a further commit proves that the one before was not merely interrupted.
      if (journal.checksum === 'v1' && interrupted !== undefined) throw damaged(interrupted);
      const time = commitTime(bytes);
      const isRight = journal.checksum === 'v1' ? isOldCommitRight(bytes, crc) : isCommitRight(journal, bytes);
      if (isDoubtful || !isRight) {
        if (time < lastTime) break;
        if (isDoubtful || !journal.isAsynchronous) throw damaged(number);
        interrupted ??= number;
      }
      if (interrupted === undefined) transactions.push({ number, tags, revocations });
      lastTime = time;
      crc = START_OF_CRC;
      tags = [];
      revocations = [];
      number = (number + 1) >>> 0;
    } else break;
    if (held > diskLimits.journalBlocks)
      throw new DiskError('limit', 'ext journal', 'holds more blocks than may be replayed (limit journalBlocks)');
  }
  return { transactions, next: interrupted ?? number };
}

function damaged(transaction: number): DiskError {
  return new DiskError(
    'corrupt',
    'ext journal',
    `has a wrong checksum in transaction ${transaction}, so the file system cannot be mounted`,
    undefined,
    'run e2fsck and take the image again',
  );
}
