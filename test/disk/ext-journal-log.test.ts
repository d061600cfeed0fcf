import { describe, expect, it, test } from '@jest/globals';
import { DiskError } from '../../src/disk/disk-error.ts';
import { hasFastCommits } from '../../src/disk/filesystems/ext/fast-commits.ts';
import { newestCopies } from '../../src/disk/filesystems/ext/journal-replay.ts';
import { scanJournal } from '../../src/disk/filesystems/ext/journal-scan.ts';
import type { JournalSuperblock } from '../../src/disk/filesystems/ext/journal-superblock.ts';
import { logOf, type Piece, plainJournal } from './ext-journal-blocks.ts';

const volumeBlocks = 2 ** 40;

function data(...blocks: number[]): Piece {
  return { kind: 'data', blocks };
}
function revoke(...blocks: number[]): Piece {
  return { kind: 'revoke', blocks };
}
const commit: Piece = { kind: 'commit' };

function reader(blocks: readonly Uint8Array[]) {
  return (index: number): Uint8Array => blocks[index] ?? new Uint8Array();
}

/** Which block of the journal replaces which of the file system; a sentence when the kernel would refuse to mount. */
function replayed(
  journal: JournalSuperblock,
  pieces: readonly Piece[],
  damage: (blocks: Uint8Array[]) => void = () => {},
): Record<number, number> | string {
  const blocks = logOf(journal, pieces);
  damage(blocks);
  try {
    const { transactions } = scanJournal(journal, reader(blocks));
    const copies = newestCopies(journal, transactions, reader(blocks), volumeBlocks);
    return Object.fromEntries([...copies].map(([block, { journalBlock }]) => [block, journalBlock]));
  } catch (error) {
    if (error instanceof DiskError) return error.message;
    throw error;
  }
}

/** Flips a bit of one byte. */
const flip = (block: number, byte: number) => (blocks: Uint8Array[]) => {
  const bytes = blocks[block];
  if (bytes) bytes[byte] = (bytes[byte] ?? 0) ^ 1;
};

const every: readonly JournalSuperblock[] = (['none', 'v1', 'v2', 'v3'] as const).flatMap((checksum) =>
  [false, true].map((is64Bit) => ({ ...plainJournal, checksum, is64Bit })),
);

describe('the log of an ext journal', () => {
  test.each(every)('is replayed with checksums $checksum and 64-bit numbers $is64Bit', (journal) => {
    const high = journal.is64Bit ? 2 ** 32 : 0;
    const pieces = [data(100, 101 + high), commit, data(100), data(7), commit];
    expect(replayed(journal, pieces)).toEqual({ 100: 6, [101 + high]: 3, 7: 8 });
  });

  test.each(every)('goes around its end with checksums $checksum and 64-bit numbers $is64Bit', (journal) => {
    expect(replayed({ ...journal, start: 29 }, [data(5, 6, 7), commit, data(5), commit])).toEqual({ 5: 5, 6: 1, 7: 2 });
  });

  it('ends where a commit block is missing', () => {
    expect(replayed(plainJournal, [data(1), commit, data(1, 2), revoke(1)])).toEqual({ 1: 2 });
    expect(replayed(plainJournal, [])).toEqual({});
    expect(replayed({ ...plainJournal, start: 0 }, [data(1), commit])).toEqual({});
  });

  it('ends at a block of another transaction or of no known type', () => {
    expect(replayed(plainJournal, [data(1), commit, data(2), commit], flip(4, 11))).toEqual({ 1: 2 });
    expect(replayed(plainJournal, [data(1), commit, { kind: 'other', type: 9 }, data(2), commit])).toEqual({ 1: 2 });
  });

  it('counts transactions beyond 32 bits from zero again', () => {
    const journal = { ...plainJournal, sequence: 0xffffffff };
    expect(replayed(journal, [data(1, 2), commit, revoke(1), commit, data(3), commit])).toEqual({ 2: 3, 3: 8 });
  });

  test.each([false, true])('leaves out what the same or a later transaction revokes (64-bit numbers %s)', (is64Bit) => {
    const journal = { ...plainJournal, is64Bit };
    expect(replayed(journal, [data(1, 2), commit, revoke(1), commit])).toEqual({ 2: 3 });
    expect(replayed(journal, [data(1, 2), revoke(2), commit])).toEqual({ 1: 2 });
    // Used again after it was revoked.
    expect(replayed(journal, [data(1), revoke(1), commit, data(1), commit])).toEqual({ 1: 6 });
    expect(replayed(journal, [data(1), commit, revoke(1), commit, data(2), commit, revoke(1), commit])).toEqual({
      2: 7,
    });
  });

  it('says which blocks had the magic taken out', () => {
    const blocks = logOf(plainJournal, [{ kind: 'data', blocks: [3], escaped: true }, commit]);
    const { transactions } = scanJournal(plainJournal, reader(blocks));
    const copies = newestCopies(plainJournal, transactions, reader(blocks), volumeBlocks);
    expect(copies.get(3)).toMatchObject({ journalBlock: 2, isEscaped: true });
  });

  it('is refused when it writes beyond the file system or revokes more than a block holds', () => {
    const blocks = logOf(plainJournal, [data(50), commit]);
    const { transactions } = scanJournal(plainJournal, reader(blocks));
    expect(() => newestCopies(plainJournal, transactions, reader(blocks), 50)).toThrow(/beyond the 50/);
    expect(replayed(plainJournal, [{ kind: 'revoke', blocks: [1], bytes: 1025 }, commit])).toMatch(/1025 bytes/);
  });

  it('is refused when it holds more blocks than the limit allows', () => {
    const journal = { ...plainJournal, end: 2 ** 31, length: 2 ** 31 };
    const numbers = Array.from({ length: 120 }, (_, at) => at);
    const descriptor = logOf({ ...plainJournal, end: 140, length: 140 }, [data(...numbers)])[1] ?? new Uint8Array();
    expect(() => scanJournal(journal, () => descriptor)).toThrow(/limit journalBlocks/);
  });
});

describe('a damaged transaction', () => {
  const pieces: readonly Piece[] = [data(1), commit, data(2), revoke(9), commit, data(3), commit];
  // Blocks of the journal: 1 descriptor, 2 copy, 3 commit, 4 descriptor, 5 copy, 6 revoke, 7 commit, 8, 9, 10.
  const refused = /wrong checksum .*cannot be mounted/;

  test.each([
    ['v2', 'its descriptor', 4, 500],
    ['v3', 'its descriptor', 4, 500],
    ['v2', 'its revoke block', 6, 500],
    ['v3', 'its revoke block', 6, 500],
    ['v2', 'its commit block', 7, 0x32],
    ['v3', 'its commit block', 7, 0x11],
    ['v2', 'a copy', 5, 500],
    ['v3', 'a copy', 5, 500],
    ['v1', 'its descriptor', 4, 500],
    ['v1', 'a copy', 5, 500],
    ['v1', 'its commit block', 7, 0x11],
  ] as const)('with checksums %s in %s keeps the file system from being mounted', (checksum, _, block, byte) => {
    expect(replayed({ ...plainJournal, checksum }, pieces, flip(block, byte))).toMatch(refused);
  });

  it('of an older life of the journal is its end', () => {
    const old: readonly Piece[] = [data(1), { kind: 'commit', time: 5000 }, data(2), { kind: 'commit', time: 4000 }];
    for (const checksum of ['v2', 'v3'] as const) {
      expect(replayed({ ...plainJournal, checksum }, old, flip(4, 500))).toEqual({ 1: 2 });
      expect(replayed({ ...plainJournal, checksum }, old, flip(6, 0x11))).toEqual({ 1: 2 });
    }
  });

  it('is whole when only what follows the header of its commit block was changed', () => {
    expect(replayed({ ...plainJournal, checksum: 'v3' }, pieces, flip(7, 500))).toEqual({ 1: 2, 2: 5, 3: 9 });
  });

  it('whose copies are revoked does no harm', () => {
    const revoked = [data(1), commit, revoke(1), commit];
    expect(replayed({ ...plainJournal, checksum: 'v3' }, revoked, flip(2, 500))).toEqual({});
  });

  it('at the end of an asynchronous log was interrupted', () => {
    const journal: JournalSuperblock = { ...plainJournal, checksum: 'v1', isAsynchronous: true };
    expect(replayed(journal, pieces.slice(0, 5), flip(5, 500))).toEqual({ 1: 2 });
    expect(replayed(journal, pieces, flip(5, 500))).toMatch(refused);
    expect(replayed({ ...journal, checksum: 'v3' }, pieces, flip(7, 0x11))).toEqual({ 1: 2 });
  });
});

describe('fast commits', () => {
  const journal = { ...plainJournal, end: 20, hasFastCommits: true };
  const withHead = (transaction: number) => {
    const blocks = logOf(journal, [data(1), commit]);
    blocks[21]?.set([9, 0, 8, 0, 0, 0, 0, 0, transaction, 0, 0, 0]);
    return hasFastCommits(journal, reader(blocks), scanJournal(journal, reader(blocks)).next);
  };

  it('count when they follow the last transaction', () => {
    expect(withHead(11)).toBe(true);
    expect(withHead(10)).toBe(false);
  });
});
