import { describe, expect, it, test } from '@jest/globals';
import type { BlockDevice } from '../../src/disk/block-device.ts';
import { viewOf } from '../../src/disk/bytes.ts';
import { readContent } from '../../src/disk/filesystems/ext/content.ts';
import type { Inode } from '../../src/disk/filesystems/ext/inode.ts';
import type { Superblock } from '../../src/disk/filesystems/ext/superblock.ts';
import { memoryDisk } from './memory-disk.ts';

const blockSize = 1024;
const blocks = 2000;

const superblock: Superblock = {
  features: { compat: 0, incompat: 0, roCompat: 0 },
  blockSize,
  clusterSize: blockSize,
  blocks,
  firstDataBlock: 1,
  blocksPerGroup: 8192,
  inodes: 128,
  inodesPerGroup: 128,
  firstInode: 11,
  inodeSize: 128,
  descriptorSize: 32,
  firstMetaGroup: 0,
  backupGroups: [0, 0],
  uuid: '',
  uuidBytes: new Uint8Array(16),
  label: undefined,
  checksumSeed: 0,
  journalInode: 0,
  state: 1,
  errorCount: 0,
  firstOrphan: 0,
};

function inode(blockArea: Uint8Array, usesExtents: boolean, size = 2 ** 40): Inode {
  return {
    number: 12,
    type: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size,
    mtime: 0,
    isEncrypted: false,
    isHashTree: false,
    isCaseFolded: false,
    isFastLink: false,
    usesExtents,
    isInline: false,
    blockArea,
    attributeArea: new Uint8Array(),
    checksumSeed: 0,
  };
}

/** A node of an extent tree; an extent is start, length and place, an index entry start and place. */
function node(depth: number, entries: readonly (readonly number[])[], bytes = 60): Uint8Array {
  const node = new Uint8Array(bytes);
  const view = viewOf(node);
  view.setUint16(0, 0xf30a, true);
  view.setUint16(2, entries.length, true);
  view.setUint16(4, Math.floor((bytes - 12) / 12), true);
  view.setUint16(6, depth, true);
  entries.forEach(([start = 0, second = 0, third = 0], index) => {
    const at = 12 + index * 12;
    view.setUint32(at, start, true);
    if (depth > 0) view.setUint32(at + 4, second, true);
    else {
      view.setUint16(at + 4, second, true);
      view.setUint32(at + 8, third, true);
    }
  });
  return node;
}

/** A volume where each block is full of its own number's low byte, but for the given ones. */
function volume(contents: Readonly<Record<number, Uint8Array>> = {}): BlockDevice & { readonly places: number[] } {
  const bytes = new Uint8Array(blocks * blockSize);
  for (let block = 0; block < blocks; block++) bytes.fill(block & 0xff, block * blockSize, (block + 1) * blockSize);
  for (const [block, content] of Object.entries(contents)) bytes.set(content, Number(block) * blockSize);
  const disk = memoryDisk(bytes);
  const places: number[] = [];
  return {
    size: disk.size,
    places,
    read: (offset, length) => {
      places.push(Math.floor(offset / blockSize));
      return disk.read(offset, length);
    },
  };
}

/** The first byte of each block of the file. */
function firstBytes(device: BlockDevice, file: Inode, count: number): number[] {
  const bytes = readContent(device, superblock, file, 0, count * blockSize);
  return Array.from({ length: count }, (_, block) => bytes[block * blockSize] ?? -1);
}

describe('extents of an ext4 file', () => {
  it('give zeros for holes and for what was never written', () => {
    const file = inode(
      node(0, [
        [1, 1, 5],
        [2, 32768 + 2, 40],
        [6, 1, 7],
      ]),
      true,
    );
    expect(firstBytes(volume(), file, 8)).toEqual([0, 5, 0, 0, 0, 0, 7, 0]);
    // The longest extent that is written: 32768 is no flag yet.
    expect(() => firstBytes(volume(), inode(node(0, [[0, 32768, 5]]), true), 1)).toThrow(/extent at block 5/);
  });

  it('are read only where they cover the range', () => {
    const device = volume({
      20: node(0, [[0, 100, 500]], blockSize),
      21: node(0, [[100, 100, 600]], blockSize),
      22: node(0, [[200, 100, 700]], blockSize),
    });
    const root = node(1, [
      [0, 20],
      [100, 21],
      [200, 22],
    ]);
    const bytes = readContent(device, superblock, inode(root, true), 150 * blockSize + 10, 20);
    expect(bytes).toEqual(new Uint8Array(20).fill(650 & 0xff));
    expect(device.places).toEqual([21, 650]);
  });

  test.each([
    ['a node that points to itself', { 20: node(3, [[0, 20]], blockSize) }, /is at depth 3, expected 2/],
    ['a node of no entries above the leaves', { 20: node(3, [], blockSize) }, /no entries at depth 3/],
    ['a node that begins before its place', { 20: node(3, [[0, 21]], blockSize) }, /out of order/],
    ['a node that is none', { 20: new Uint8Array(blockSize) }, /lacks its magic/],
    ['more entries than fit', { 20: node(3, [], blockSize).fill(255, 2, 4) }, /65535 entries/],
  ])('with %s are refused', (_, contents, message) => {
    const start = String(message).includes('order') ? 5 : 0;
    const root = node(4, [[start, 20]]);
    expect(() => readContent(volume(contents), superblock, inode(root, true), 0, 100 * blockSize)).toThrow(message);
  });

  test.each([
    ['of no blocks', [[0, 0, 5]], /no blocks/],
    [
      'that overlap',
      [
        [0, 4, 5],
        [3, 1, 9],
      ],
      /out of order/,
    ],
    ['beyond the volume', [[0, 4, blocks - 3]], /but there are 2000 blocks/],
    ['where the superblock is', [[0, 1, 1]], /extent at block 1/],
  ])('%s are refused', (_, extents, message) => {
    expect(() => firstBytes(volume(), inode(node(0, extents), true), 8)).toThrow(message);
  });

  it('cost no more steps than the range has blocks, whatever they point to', () => {
    // Each entry's node holds entries for what its neighbours cover: 20^5 ways down where only starts count.
    const place = (depth: number, start: number) => 100 + depth * 110 + start;
    const contents: Record<number, Uint8Array> = {};
    for (let depth = 0; depth < 5; depth++)
      for (let start = 0; start < 100; start++) {
        const starts = Array.from({ length: 20 }, (_, index) => start + index);
        const entries = starts.map((at) => (depth === 0 ? [at, 1, 900 + at] : [at, place(depth - 1, at)]));
        contents[place(depth, start)] = node(depth, entries, blockSize);
      }
    const root = [0, 1, 2, 3].map((start) => [start, place(4, start)]);
    const device = volume(contents);
    expect(firstBytes(device, inode(node(5, root), true), 8)).toEqual(
      Array.from({ length: 8 }, (_, block) => (900 + block) & 0xff),
    );
    expect(device.places.length).toBeLessThan(100);
  });
});

describe('block maps of an ext2 file', () => {
  const pointers = (...numbers: number[]) => {
    const bytes = new Uint8Array(60);
    for (const [index, number] of numbers.entries()) viewOf(bytes).setUint32(index * 4, number, true);
    return bytes;
  };
  const full = (number: number) => {
    const bytes = new Uint8Array(blockSize);
    for (let at = 0; at < blockSize; at += 4) viewOf(bytes).setUint32(at, number, true);
    return bytes;
  };

  it('are followed through three levels, reading one block of each', () => {
    const device = volume({ 50: full(51), 51: full(52), 52: full(200) });
    const file = inode(pointers(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 50), false);
    const offset = (12 + 256 + 256 * 256 + 256 * 256 * 5 + 70) * blockSize;
    expect(readContent(device, superblock, file, offset, 10)).toEqual(new Uint8Array(10).fill(200));
    expect(device.places).toEqual([50, 51, 52, 200]);
  });

  it('that point to themselves end with the range', () => {
    const device = volume({ 50: full(50) });
    const file = inode(pointers(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 50, 50, 50), false);
    readContent(device, superblock, file, 100_000 * blockSize, 1000 * blockSize);
    expect(device.places.length).toBeLessThan(1100);
  });

  it('that point beyond the volume are refused', () => {
    expect(() => firstBytes(volume(), inode(pointers(blocks), false), 1)).toThrow(/block 2000, but there are 2000/);
    const indirect = pointers(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, blocks + 7);
    expect(() => firstBytes(volume(), inode(indirect, false), 20)).toThrow(/block 2007, but there are 2000/);
  });
});
