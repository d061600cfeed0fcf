import { viewOf } from '../../src/disk/bytes.ts';
import { rawCrc32c, rawCrc32HighFirst } from '../../src/disk/checksums.ts';
import type { JournalSuperblock } from '../../src/disk/filesystems/ext/journal-superblock.ts';

const blockSize = 1024;
const magic = 0xc03b3998;
const all = 0xffffffff;

/** A log of 30 blocks, 1 to 30, from block 1 and transaction 10 on. */
export const plainJournal: JournalSuperblock = {
  blockSize,
  first: 1,
  end: 31,
  length: 31,
  sequence: 10,
  start: 1,
  is64Bit: false,
  checksum: 'none',
  checksumSeed: 0x12345678,
  isAsynchronous: false,
  hasFastCommits: false,
  error: 0,
};

/** What a test puts into its log, a block each; `data` counts its copies itself. */
export type Piece =
  | { readonly kind: 'data'; readonly blocks: readonly number[]; readonly escaped?: boolean }
  | { readonly kind: 'revoke'; readonly blocks: readonly number[]; readonly bytes?: number }
  | { readonly kind: 'commit'; readonly time?: number }
  | { readonly kind: 'other'; readonly type: number };

function header(type: number, transaction: number): Uint8Array {
  const bytes = new Uint8Array(blockSize);
  const view = viewOf(bytes);
  view.setUint32(0, magic);
  view.setUint32(4, type);
  view.setUint32(8, transaction);
  return bytes;
}

/** A copy of a block of the file system, as its number and the transaction make it. */
function copyOf(block: number, transaction: number): Uint8Array {
  const bytes = new Uint8Array(blockSize).fill(block & 0xff);
  viewOf(bytes).setUint32(4, transaction);
  return bytes;
}

function seal(journal: JournalSuperblock, bytes: Uint8Array, at: number): Uint8Array {
  if (journal.checksum === 'v2' || journal.checksum === 'v3')
    viewOf(bytes).setUint32(at, rawCrc32c(bytes, journal.checksumSeed));
  return bytes;
}

function tagSize({ checksum, is64Bit }: JournalSuperblock): number {
  if (checksum === 'v3') return 16;
  return 8 + (is64Bit ? 4 : 0) + (checksum === 'v2' ? 2 : 0);
}

function descriptor(journal: JournalSuperblock, transaction: number, blocks: readonly number[], escaped: boolean) {
  const bytes = header(1, transaction);
  const view = viewOf(bytes);
  const number = new Uint8Array(4);
  viewOf(number).setUint32(0, transaction);
  let at = 12;
  blocks.forEach((block, index) => {
    const crc = rawCrc32c(copyOf(block, transaction), rawCrc32c(number, journal.checksumSeed));
    const flags = (escaped ? 1 : 0) | (index > 0 ? 2 : 0) | (index === blocks.length - 1 ? 8 : 0);
    view.setUint32(at, block >>> 0);
    if (journal.is64Bit) view.setUint32(at + 8, Math.floor(block / 2 ** 32));
    if (journal.checksum === 'v3') {
      view.setUint32(at + 4, flags);
      view.setUint32(at + 12, crc);
    } else {
      if (journal.checksum === 'v2') view.setUint16(at + 4, crc & 0xffff);
      view.setUint16(at + 6, flags);
    }
    // The first tag carries the UUID of the file system.
    at += tagSize(journal) + (index === 0 ? 16 : 0);
  });
  return seal(journal, bytes, blockSize - 4);
}

function revocations(journal: JournalSuperblock, transaction: number, blocks: readonly number[], bytesUsed?: number) {
  const bytes = header(5, transaction);
  const view = viewOf(bytes);
  const size = journal.is64Bit ? 8 : 4;
  blocks.forEach((block, index) => {
    if (journal.is64Bit) view.setBigUint64(16 + index * size, BigInt(block));
    else view.setUint32(16 + index * size, block);
  });
  view.setUint32(12, bytesUsed ?? 16 + blocks.length * size);
  return seal(journal, bytes, blockSize - 4);
}

/** The blocks of a journal whose log holds the given pieces from its start on. */
export function logOf(journal: JournalSuperblock, pieces: readonly Piece[]): Uint8Array[] {
  const blocks = Array.from({ length: journal.length }, (): Uint8Array => new Uint8Array(blockSize));
  let transaction = journal.sequence;
  let at = journal.start;
  let crc = all;
  const put = (bytes: Uint8Array): void => {
    blocks[at] = bytes;
    at = at + 1 === journal.end ? journal.first : at + 1;
  };
  for (const piece of pieces) {
    if (piece.kind === 'data') {
      const all = [
        descriptor(journal, transaction, piece.blocks, piece.escaped ?? false),
        ...piece.blocks.map((block) => copyOf(block, transaction)),
      ];
      for (const bytes of all) {
        crc = rawCrc32HighFirst(bytes, crc);
        put(bytes);
      }
    } else if (piece.kind === 'revoke') put(revocations(journal, transaction, piece.blocks, piece.bytes));
    else if (piece.kind === 'other') put(header(piece.type, transaction));
    else {
      const bytes = header(2, transaction);
      viewOf(bytes).setBigUint64(0x30, BigInt(piece.time ?? 1_700_000_000 + blocks.length));
      if (journal.checksum === 'v1') {
        bytes.set([1, 4], 0xc);
        viewOf(bytes).setUint32(0x10, crc);
      }
      put(seal(journal, bytes, 0x10));
      crc = all;
      transaction = (transaction + 1) >>> 0;
    }
  }
  return blocks;
}
