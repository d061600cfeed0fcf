import { viewOf } from '../../bytes.ts';
import type { ReadBlock } from './journal-scan.ts';
import type { JournalSuperblock } from './journal-superblock.ts';

/** EXT4_FC_TAG_HEAD of fs/ext4/fast_commit.h. */
const TAG_HEAD = 9;

/**
 * Whether fast commits follow the last transaction: their area opens with a head that bears the number of the next one.
 *
 * @param next The number that the next transaction would have.
 */
export function hasFastCommits(journal: JournalSuperblock, readBlock: ReadBlock, next: number): boolean {
  // j_fc_first of fs/jbd2/journal.c leaves one block free.
  const first = journal.end + 1;
  if (!journal.hasFastCommits || first >= journal.length) return false;
  const view = viewOf(readBlock(first));
  return view.getUint16(0, true) === TAG_HEAD && view.getUint32(8, true) === next;
}
