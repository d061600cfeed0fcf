import type { BlockDevice } from '../../block-device.ts';
import { checkRange } from '../../block-device.ts';
import { viewOf } from '../../bytes.ts';
import { attemptDisk, DiskError } from '../../disk-error.ts';
import type { FileSystemState } from '../../file-system.ts';
import { readContent } from './content.ts';
import { hasFastCommits } from './fast-commits.ts';
import { compat, has } from './features.ts';
import { type Inode, readInode } from './inode.ts';
import { newestCopies } from './journal-replay.ts';
import { type LoggedTag, type ReadBlock, scanJournal } from './journal-scan.ts';
import { JOURNAL_MAGIC, type JournalSuperblock, readJournalSuperblock } from './journal-superblock.ts';
import { readSuperblock, type Superblock } from './superblock.ts';

export interface Recovery {
  /** The volume as it is after the replay. */
  readonly device: BlockDevice;
  readonly state: FileSystemState;
}

const advice = 'mount the file system once and unmount it again, or run e2fsck, and take the image again';

/** What the next mount would make of the volume: its journal replayed, in memory only (fs/jbd2/recovery.c). */
export function replayJournal(device: BlockDevice, superblock: Superblock): Recovery {
  if (!has(superblock.features, compat.hasJournal))
    return dirty(device, 'it is marked as in need of a replay, and has no journal');
  if (superblock.journalInode === 0)
    return dirty(device, 'it was not unmounted, and its journal lies on another device, which is not read');
  const { journal, readBlock } = openJournal(device, superblock);
  const { transactions, next } = scanJournal(journal, readBlock);
  const copies = newestCopies(journal, transactions, readBlock, superblock.blocks);
  if (hasFastCommits(journal, readBlock, next))
    return dirty(
      device,
      'it was not unmounted, and its journal holds fast commits, which this program does not replay',
    );
  if (copies.size === 0) return { device, state: { kind: 'replayed', detail: 'the journal holds nothing newer' } };
  const overlaid = overlay(device, superblock.blockSize, copies, readBlock);
  // A superblock that the replay made unreadable is told apart from one that was so before.
  readSuperblock(overlaid);
  const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
  const detail = `${count(copies.size, 'block')} of ${count(transactions.length, 'transaction')}`;
  return { device: overlaid, state: { kind: 'replayed', detail } };
}

/**
 * What a mount would say about the journal itself; of a clean file system as well, which cannot be mounted with a
 * damaged one.
 */
export function journalComplaints(device: BlockDevice, superblock: Superblock): string[] {
  if (superblock.journalInode === 0) return [];
  const opened = attemptDisk(() => openJournal(device, superblock));
  if (!(opened instanceof DiskError))
    return opened.journal.error === 0 ? [] : [`its journal has recorded the error ${opened.journal.error}`];
  return opened.kind === 'corrupt' ? [`it cannot be mounted, as its journal is damaged: ${opened.message}`] : [];
}

function openJournal(
  device: BlockDevice,
  superblock: Superblock,
): { readonly journal: JournalSuperblock; readonly readBlock: ReadBlock } {
  const inode = readInode(device, superblock, superblock.journalInode);
  const readBlock = (index: number) => readJournalBlock(device, superblock, inode, index);
  const journal = readJournalSuperblock(readBlock(0), superblock.blockSize);
  // A journal that is larger than its volume shows the same blocks many times, and would take as long to read.
  if (journal.length * superblock.blockSize > inode.size || journal.length > superblock.blocks)
    throw new DiskError('corrupt', 'ext journal superblock', `counts ${journal.length} blocks, more than there are`);
  return { journal, readBlock };
}

function dirty(device: BlockDevice, reason: string): Recovery {
  return { device, state: { kind: 'dirty', reason, advice } };
}

function readJournalBlock(device: BlockDevice, superblock: Superblock, inode: Inode, index: number): Uint8Array {
  const { blockSize } = superblock;
  if ((index + 1) * blockSize > inode.size)
    throw new DiskError('corrupt', 'ext journal', `is addressed at block ${index}, beyond its end`);
  return readContent(device, superblock, inode, index * blockSize, blockSize);
}

/** The device with some blocks replaced by their copies in the journal. */
function overlay(
  device: BlockDevice,
  blockSize: number,
  blocks: ReadonlyMap<number, LoggedTag>,
  readBlock: ReadBlock,
): BlockDevice {
  return {
    size: device.size,
    read(offset, length) {
      checkRange(device, offset, length, 'volume');
      const bytes = device.read(offset, length);
      let copy: Uint8Array | undefined;
      for (let block = Math.floor(offset / blockSize); block * blockSize < offset + length; block++) {
        const logged = blocks.get(block);
        if (!logged) continue;
        copy ??= new Uint8Array(bytes);
        const content = contentOf(logged, readBlock);
        const from = Math.max(offset, block * blockSize);
        const to = Math.min(offset + length, (block + 1) * blockSize);
        copy.set(content.subarray(from - block * blockSize, to - block * blockSize), from - offset);
      }
      return copy ?? bytes;
    },
  };
}

/** A logged block that begins like a block of the journal itself was written with zeros in that place. */
function contentOf(logged: LoggedTag, readBlock: ReadBlock): Uint8Array {
  const bytes = readBlock(logged.journalBlock);
  if (!logged.isEscaped) return bytes;
  const restored = new Uint8Array(bytes);
  viewOf(restored).setUint32(0, JOURNAL_MAGIC);
  return restored;
}
