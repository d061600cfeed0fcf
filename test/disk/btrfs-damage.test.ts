import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { BlockDevice } from '../../src/disk/block-device.ts';
import { crc32c } from '../../src/disk/checksums.ts';
import type { FileSystem } from '../../src/disk/file-system.ts';
import { btrfs } from '../../src/disk/filesystems/btrfs/format.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { readEverything, sealBlock } from './btrfs-mutants.ts';
import { manifestOf } from './manifest.ts';
import { memoryDisk, sequence } from './memory-disk.ts';

const images = join(import.meta.dirname, '..', '..', 'fixtures', 'images');
const golden = (name: string) => gunzipSync(readFileSync(join(images, `btrfs-${name}.img.gz`)));
const originals = { zstd: golden('zstd'), lzo: golden('lzo') } as const;

const SUPERBLOCK = 65_536;
const uuid = Buffer.from('0123456789ab4cde8f0123456789abcd', 'hex');

function open(bytes: Uint8Array): FileSystem {
  return btrfs.open(memoryDisk(bytes), nodeCodecs);
}

function readFile({ tree }: FileSystem, name: string): Uint8Array {
  return tree.read(tree.lookup(tree.root, name), 0, 10_000_000);
}

/** The image with a changed superblock whose checksum is right again. */
function withSuperblock(change: (superblock: DataView) => void, original: Uint8Array = originals.lzo): Uint8Array {
  const bytes = Uint8Array.from(original);
  const block = bytes.subarray(SUPERBLOCK, SUPERBLOCK + 4096);
  change(new DataView(block.buffer, block.byteOffset, block.byteLength));
  sealBlock(block);
  return bytes;
}

/** Runs `use` and gives the ranges that it read. */
function readsOf(bytes: Uint8Array, use: (device: BlockDevice) => unknown): { offset: number; length: number }[] {
  const reads: { offset: number; length: number }[] = [];
  const disk = memoryDisk(bytes);
  use({
    size: disk.size,
    read: (offset, length) => {
      reads.push({ offset, length });
      return disk.read(offset, length);
    },
  });
  return reads;
}

function isTreeBlock(bytes: Uint8Array, offset: number): boolean {
  return Buffer.from(bytes.subarray(offset + 32, offset + 48)).equals(uuid);
}

/** Places of the superblock and of all tree blocks that reading everything touches. */
function metadataOf(bytes: Uint8Array, nodeSize: number): number[] {
  const places = readsOf(bytes, readEverything)
    .filter(({ offset, length }) => length === nodeSize && isTreeBlock(bytes, offset))
    .map(({ offset }) => offset);
  return [...new Set([SUPERBLOCK, ...places])];
}

describe.each([
  ['zstd', 16_384, 150],
  ['lzo', 4096, 100],
] as const)('the btrfs of fixtures compressed by %s', (name, nodeSize, mutants) => {
  const original = originals[name];

  test('has the files that the kernel saw', () => {
    const fileSystem = open(original);
    const lines = readFileSync(join(images, 'btrfs.sha256'), 'utf8').trim().split('\n');
    const expected = Object.fromEntries(lines.map((line) => [line.slice(67), line.slice(0, 64)] as const));
    const top = fileSystem.subvolumes?.tree(5);
    if (!top) throw new Error('a btrfs has subvolumes');
    const files = Object.entries(manifestOf(top)).filter(([, fields]) => fields.startsWith('file '));
    expect(Object.fromEntries(files.map(([path, fields]) => [path, fields.split(' ').at(-1)]))).toEqual(expected);
    expect(fileSystem).toMatchObject({ label: 'golden', state: { kind: 'clean' }, complaints: [] });
    expect(fileSystem.subvolumes?.list().map(({ path }) => path)).toEqual([
      '',
      '@',
      '@/var',
      '@/.snapshots',
      '@/.snapshots/1/snapshot',
      '@/.snapshots/1/snapshot/nested',
      '@/.snapshots/2',
    ]);
    expect(Buffer.from(readFile(fileSystem, 'inline')).toString()).toBe('7'.padStart(2000, '0'));
  });

  test('damaged anywhere in its metadata yields errors of the disk and nothing else', () => {
    const places = metadataOf(original, nodeSize);
    expect(places.length).toBeGreaterThan(8);
    const random = sequence(mutants);
    const bytes = Uint8Array.from(original);
    expect(readEverything(memoryDisk(bytes)).errors).toEqual([]);
    let failed = 0;
    let slowest = 0;
    for (let mutant = 0; mutant < mutants; mutant++) {
      const place = places[random(places.length)] ?? SUPERBLOCK;
      const size = place === SUPERBLOCK ? 4096 : nodeSize;
      const block = bytes.subarray(place, place + size);
      const before = Uint8Array.from(block);
      // Fields are at the start, and the items of a leaf at both ends.
      for (let count = 1 + random(6); count > 0; count--) {
        const at = random(4) === 0 ? 32 + random(size - 32) : 32 + random(600);
        block[at] = random(3) === 0 ? ([0, 1, 0x7f, 0x80, 0xff][random(5)] ?? 0) : random(256);
      }
      if (mutant % 5 !== 0) sealBlock(block);
      const started = performance.now();
      if (readEverything(memoryDisk(bytes)).errors.length > 0) failed += 1;
      slowest = Math.max(slowest, performance.now() - started);
      block.set(before);
    }
    expect(failed).toBeGreaterThan(mutants / 2);
    expect(slowest).toBeLessThan(3000);
  });

  test('cut short at any place yields errors of the disk and nothing else', () => {
    for (const size of [0, 1, 4096, SUPERBLOCK, SUPERBLOCK + 4095, SUPERBLOCK + 4096, 1 << 20, 5_000_000])
      expect(readEverything(memoryDisk(original.subarray(0, size))).errors.length).toBeGreaterThan(0);
  });
});

describe('the superblock of a btrfs', () => {
  const set = (offset: number, value: bigint) =>
    withSuperblock((superblock) => superblock.setBigUint64(offset, value, true));
  const incompatible = new DataView(originals.lzo.buffer, originals.lzo.byteOffset).getBigUint64(
    SUPERBLOCK + 188,
    true,
  );

  test('is recognised by its magic, also on a device that is too short for more', () => {
    expect(btrfs.recognises(memoryDisk(originals.lzo))).toBe(true);
    expect(btrfs.recognises(memoryDisk(originals.lzo.subarray(0, SUPERBLOCK + 4096)))).toBe(true);
    expect(btrfs.recognises(memoryDisk(originals.lzo.subarray(0, SUPERBLOCK + 4095)))).toBe(false);
    expect(btrfs.recognises(memoryDisk(set(64, 1n)))).toBe(false);
  });

  test.each([
    [12n, 'zoned'],
    [13n, 'extent_tree_v2'],
    [14n, 'raid_stripe_tree'],
    [17n, 'remap_tree'],
    [40n, 'bit 40'],
  ])('with incompatible feature bit %d is not read on', (bit, name) => {
    expect(() => open(set(188, incompatible | (1n << bit)))).toThrow(
      expect.objectContaining({
        kind: 'unsupported',
        message: `btrfs has the incompatible feature ${name}, which is not read`,
      }),
    );
  });

  test('with unknown features that only writers need is read', () => {
    const { features, complaints } = open(set(180, 1n << 50n));
    expect(features).toContain('compat_ro_bit_50');
    expect(complaints).toEqual([]);
  });

  test.each([
    ['an error flag', 56, (1n << 2n) | 1n, 'its superblock records that an error was found'],
    ['an interrupted conversion', 56, (1n << 38n) | 1n, expect.stringContaining('btrfstune was interrupted')],
    ['a larger device', 209, 50_000_000_000n, expect.stringContaining('was made for a device of 50000000000 bytes')],
  ])('with %s is read, with a word about it', (_name, offset, value, complaint) => {
    expect(open(set(offset, value)).complaints).toEqual([complaint]);
  });

  test('of a dump of metadata is refused', () => {
    expect(() => open(set(56, (1n << 33n) | 1n))).toThrow('without the contents of files');
  });

  test('with a log tree makes the file system dirty', () => {
    expect(open(set(96, 30_408_704n)).state).toMatchObject({ kind: 'dirty' });
  });

  test('with checksums of an unknown type is refused', () => {
    const bytes = withSuperblock((superblock) => superblock.setUint16(196, 9, true));
    expect(() => open(bytes)).toThrow('has checksums of the unknown type 9');
  });

  test.each([
    ['sector size', 144, 4095],
    ['node size', 148, 128 * 1024],
    ['node size', 148, 2048],
  ])('with an impossible %s is refused', (field, offset, value) => {
    const bytes = withSuperblock((superblock) => superblock.setUint32(offset, value, true));
    expect(() => open(bytes)).toThrow(`btrfs superblock has a ${field} of ${value} bytes`);
  });

  test('that does not match its checksum is replaced by a copy, as the kernel would not', () => {
    const mirror = 64 * 1024 * 1024;
    const bytes = new Uint8Array(mirror + 4096);
    bytes.set(originals.lzo);
    const copy = bytes.subarray(mirror, mirror + 4096);
    copy.set(originals.lzo.subarray(SUPERBLOCK, SUPERBLOCK + 4096));
    new DataView(copy.buffer, copy.byteOffset).setBigUint64(48, BigInt(mirror), true);
    sealBlock(copy);
    bytes[SUPERBLOCK + 100] = 1;
    expect(open(bytes).complaints).toEqual([expect.stringContaining(`the copy at byte ${mirror} was read`)]);
    copy[200] = 77;
    expect(() => open(bytes)).toThrow('btrfs superblock at byte 65536 does not match its checksum');
  });
});

describe('a damaged btrfs', () => {
  const original = originals.zstd;
  const dataOf = (name: string) =>
    readsOf(original, (device) => readFile(btrfs.open(device, nodeCodecs), name)).filter(
      ({ offset }) => !isTreeBlock(original, offset) && offset !== SUPERBLOCK,
    );

  test('names the sector of a file that does not match its checksum, and reads the rest', () => {
    const bytes = Uint8Array.from(original);
    const last = dataOf('numbers').at(-1)?.offset ?? 0;
    bytes[last] = (bytes[last] ?? 0) ^ 1;
    const fileSystem = open(bytes);
    expect(() => readFile(fileSystem, 'numbers')).toThrow(
      expect.objectContaining({
        kind: 'corrupt',
        message: expect.stringMatching(/^btrfs data at \d+ at byte \d+ does not/),
      }),
    );
    const { tree } = fileSystem;
    expect(tree.read(tree.lookup(tree.root, 'numbers'), 0, 100_000)).toHaveLength(100_000);
  });

  test('does not take an old copy of a tree block for the new one', () => {
    const [place = 0] = metadataOf(original, 16_384).slice(-1);
    const bytes = Uint8Array.from(original);
    const block = bytes.subarray(place, place + 16_384);
    const view = new DataView(block.buffer, block.byteOffset);
    view.setBigUint64(80, view.getBigUint64(80, true) - 1n, true);
    sealBlock(block);
    const { errors } = readEverything(memoryDisk(bytes));
    expect(errors.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/is of generation \d+, expected/),
    );
  });

  test('reads each tree block once, and nothing of files that were not asked for', () => {
    const reads = readsOf(original, (device) => {
      const { tree } = btrfs.open(device, nodeCodecs);
      for (let round = 0; round < 3; round++)
        for (const { name } of tree.list(tree.root)) tree.status(tree.lookup(tree.root, name));
    });
    const blocks = reads.filter(({ offset }) => offset !== SUPERBLOCK);
    expect(blocks.every(({ offset }) => isTreeBlock(original, offset))).toBe(true);
    expect(new Set(blocks.map(({ offset }) => offset)).size).toBe(blocks.length);
  });

  test('is sealed by these tests as by the kernel', () => {
    const block = original.subarray(SUPERBLOCK, SUPERBLOCK + 4096);
    expect(new DataView(block.buffer, block.byteOffset).getUint32(0, true)).toBe(crc32c(block.subarray(32)));
  });
});
