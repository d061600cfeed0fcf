import { DiskError } from '../../disk-error.ts';
import { isCopyRight } from './journal-checksums.ts';
import type { LoggedTag, ReadBlock, Transaction } from './journal-scan.ts';
import type { JournalSuperblock } from './journal-superblock.ts';

/**
 * The newest copy of each block that a replay writes, by block of the file system: PASS_REVOKE and PASS_REPLAY of
 * do_one_pass in fs/jbd2/recovery.c.
 *
 * @param volumeBlocks Blocks of the file system.
 * @throws {DiskError} when a copy has a wrong checksum or belongs beyond the file system: the kernel does not mount it
 */
export function newestCopies(
  journal: JournalSuperblock,
  transactions: readonly Transaction[],
  readBlock: ReadBlock,
  volumeBlocks: number,
): Map<number, LoggedTag> {
  const revoked = new Map<number, number>();
  for (const { number, revocations } of transactions) for (const block of revocations) revoked.set(block, number);
  const newest = new Map<number, LoggedTag>();
  for (const { number, tags } of transactions) {
    for (const tag of tags) {
      const revocation = revoked.get(tag.block);
      if (revocation !== undefined && !isLater(number, revocation)) continue;
      if (tag.block >= volumeBlocks)
        throw new DiskError('corrupt', 'ext journal', `has a block beyond the ${volumeBlocks} of the file system`);
      if (!isCopyRight(journal, tag, number, readBlock(tag.journalBlock)))
        throw new DiskError(
          'corrupt',
          'ext journal',
          `has a wrong checksum on its copy of block ${tag.block}, so the file system cannot be mounted`,
          undefined,
          'run e2fsck and take the image again',
        );
      newest.set(tag.block, tag);
    }
  }
  return newest;
}

/** Transaction numbers wrap around at 32 bits. */
function isLater(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}
