import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { DiskError } from '../../src/disk/disk-error.ts';
import type { FileSystem } from '../../src/disk/file-system.ts';
import { fat } from '../../src/disk/filesystems/fat/format.ts';
import { nameChecksum } from '../../src/disk/filesystems/fat/names.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { TreeRootFs } from '../../src/image/tree-root-fs.ts';
import { memoryDevice, randomSequence, readEverything } from './fat-image.ts';

const images = join(import.meta.dirname, '..', '..', 'fixtures', 'images');
const golden = {
  FAT12: gunzipSync(readFileSync(join(images, 'fat12.img.gz'))),
  FAT16: gunzipSync(readFileSync(join(images, 'fat16.img.gz'))),
  FAT32: gunzipSync(readFileSync(join(images, 'fat32.img.gz'))),
} as const;
type Type = keyof typeof golden;
const types = ['FAT12', 'FAT16', 'FAT32'] as const;

/** Places in the three images, in bytes, as mkfs.vfat lays them out. */
const layout: Readonly<
  Record<Type, { fat: number; fatSize: number; root: number; rootSize: number; cluster: number }>
> = {
  FAT12: layoutOf(golden.FAT12, 22, 9),
  FAT16: layoutOf(golden.FAT16, 22, 9),
  FAT32: layoutOf(golden.FAT32, 36, 32),
};

function layoutOf(image: Buffer, lengthAt: number, reservedAtMost: number) {
  const reserved = image.readUInt16LE(14);
  expect(reserved).toBeLessThanOrEqual(reservedAtMost);
  const fatSize = image.readUInt16LE(lengthAt) * 512;
  const root = reserved * 512 + 2 * fatSize;
  return { fat: reserved * 512, fatSize, root, rootSize: 32 * 512, cluster: (image[13] ?? 0) * 512 };
}

function open(bytes: Uint8Array): FileSystem {
  return fat.open(memoryDevice(bytes), nodeCodecs);
}

function changed(type: Type, change: (image: Buffer) => void): Buffer {
  const image = Buffer.from(golden[type]);
  change(image);
  return image;
}

function rootOf(image: Uint8Array): TreeRootFs<unknown> {
  return new TreeRootFs(open(image).tree);
}

/** Offset of the root directory's entry with this 8.3 name. */
function entryAt(image: Buffer, type: Type, name: string): number {
  const { root, rootSize } = layout[type];
  for (let offset = root; offset < root + rootSize; offset += 32)
    if (image.toString('latin1', offset, offset + 11) === name) return offset;
  throw new Error(`the golden image has no ${name}`);
}

/** One part of a long name. */
function longPart(sequence: number, units: readonly number[], checksum: number): Buffer {
  const slot = Buffer.alloc(32, 0xff);
  slot[0] = sequence;
  slot.set([0x0f, 0, checksum], 11);
  slot.writeUInt16LE(0, 26);
  const places = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];
  const padded = units.length < 13 ? [...units, 0] : units;
  for (const [index, unit] of padded.entries()) slot.writeUInt16LE(unit, places[index] ?? 1);
  return slot;
}

function shortEntry(name: string, attributes = 0x20): Buffer {
  const slot = Buffer.alloc(32);
  slot.write(name, 0, 'latin1');
  slot[11] = attributes;
  return slot;
}

const unitsOf = (text: string) => Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
const checksumOf = (name: string) => nameChecksum(Buffer.from(name, 'latin1'));

/** Names that the FAT16 shows when its root directory is these entries. */
function namesOf(...slots: readonly Buffer[]): string[] {
  const { root, rootSize } = layout.FAT16;
  const image = changed('FAT16', (bytes) => bytes.fill(0, root, root + rootSize).set(Buffer.concat(slots), root));
  return [...open(image).tree.list(open(image).tree.root)].map(({ name }) => name);
}

describe.each(types)('the %s of fixtures', (type) => {
  test('has the files that were put in', () => {
    const image = golden[type];
    expect(fat.recognises(memoryDevice(image))).toBe(true);
    expect(open(image)).toMatchObject({ uuid: '0123-ABCD', label: 'GOLDEN', features: [type], complaints: [] });
    const root = rootOf(image);
    const lines = readFileSync(join(images, 'fat.sha256'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(44);
    for (const line of lines) {
      const [sum, path] = [line.slice(0, 64), line.slice(67)];
      const bytes = root.readBytes(path) ?? Buffer.from('absent');
      expect([path, createHash('sha256').update(bytes).digest('hex')]).toEqual([path, sum]);
      expect(root.stat(path)).toMatchObject({ mtime: 1_600_000_000, mode: 0o755 });
    }
    const numbers = (end: number) => Array.from({ length: end }, (_, index) => `${index + 1}\n`).join('');
    expect(root.readText('/pieces')).toBe(numbers(8000));
    expect(root.readText('/behind')).toBe(numbers(3000));
    expect(root.stat('/behind')?.mode).toBe(0o555);
    expect(root.readDir('/')?.map(({ name }) => name)).toEqual(['EFI', 'behind', 'empty', 'many', 'pieces']);
  });

  test('damaged anywhere in its metadata yields errors of the disk and nothing else', () => {
    const { fat: table, fatSize, root, rootSize } = layout[type];
    const image = Buffer.from(golden[type]);
    const undamaged = readEverything(() => open(image).tree);
    expect(undamaged.errors).toEqual([]);
    const random = randomSequence(Number(type.slice(3)) * 7919);
    const places = [
      { from: 0, size: 96 },
      { from: table, size: Math.min(fatSize, 800) },
      { from: root, size: Math.min(rootSize, 400) },
      { from: root + rootSize, size: 3000 },
    ];
    let noticed = 0;
    let slowest = 0;
    for (let mutant = 0; mutant < 300; mutant++) {
      const { from, size } = places[mutant % places.length] ?? { from: 0, size: 96 };
      const block = image.subarray(from, from + size);
      const before = Buffer.from(block);
      for (let count = 1 + random(12); count > 0; count--)
        block[random(size)] = random(3) === 0 ? ([0, 1, 0x10, 0x80, 0xff][random(5)] ?? 0) : random(256);
      const started = performance.now();
      const { errors, entries } = readEverything(() => open(image).tree);
      slowest = Math.max(slowest, performance.now() - started);
      if (errors.length > 0 || entries !== undamaged.entries) noticed += 1;
      block.set(before);
    }
    expect(noticed).toBeGreaterThan(80);
    expect(slowest).toBeLessThan(3000);
  });

  test('cut short at any place yields errors of the disk and nothing else', () => {
    const { fat: table, root } = layout[type];
    for (const size of [0, 1, 511, 512, table, table + 1, root, root + 511, root + 10_000, golden[type].length - 1]) {
      const image = golden[type].subarray(0, size);
      expect(fat.recognises(memoryDevice(image))).toBe(size >= 512);
      const { errors } = readEverything(() => {
        const { tree, complaints } = open(image);
        expect(complaints).not.toEqual([]);
        return tree;
      });
      if (size < golden[type].length - 1) expect(errors).not.toEqual([]);
    }
  });

  test('with a chain of clusters that returns into itself is read up to there and no further', () => {
    const image = changed(type, (bytes) => {
      const entry = entryAt(bytes, type, 'PIECES     ');
      const first = bytes.readUInt16LE(entry + 26);
      const { fat: table } = layout[type];
      if (type === 'FAT12') bytes.writeUInt16LE((first << (first % 2 ? 4 : 0)) & 0xffff, table + first + (first >> 1));
      else if (type === 'FAT16') bytes.writeUInt16LE(first, table + first * 2);
      else bytes.writeUInt32LE(first, table + first * 4);
    });
    const root = rootOf(image);
    expect(root.readBytes('/pieces', 0, 500)).toHaveLength(500);
    expect(() => root.readBytes('/pieces')).toThrow(/FAT file "pieces" has a chain of clusters that returns to \d+/);
    expect(root.readText('/EFI/debian/grub.cfg')).toMatch(/^search/);
  });
});

describe('a boot sector', () => {
  test.each<[string, (image: Buffer) => void]>([
    ['of NTFS', (image) => image.fill(0, 14, 21).write('NTFS    ', 3)],
    ['of exFAT', (image) => image.fill(0, 11, 64).write('EXFAT   ', 3)],
    ['with sectors of 128 bytes', (image) => image.writeUInt16LE(128, 11)],
    ['with clusters of three sectors', (image) => image.writeUInt8(3, 13)],
    ['without a table', (image) => image.writeUInt8(0, 16)],
    ['with an impossible medium', (image) => image.writeUInt8(0xf1, 21)],
    ['with fewer sectors than its tables', (image) => image.writeUInt16LE(20, 19)],
    ['of zeros', (image) => image.fill(0, 0, 512)],
  ])('%s is no FAT', (_name, change) => {
    const image = changed('FAT16', change);
    expect(fat.recognises(memoryDevice(image))).toBe(false);
    expect(() => open(image)).toThrow(DiskError);
  });

  test('that is lost is replaced by its copy, with a complaint', () => {
    const image = changed('FAT32', (bytes) => bytes.fill(0, 0, 512));
    expect(fat.recognises(memoryDevice(image))).toBe(true);
    expect(open(image).complaints).toEqual([expect.stringMatching(/only the copy at byte 3072 is left/)]);
    expect(rootOf(image).readText('/EFI/debian/grub.cfg')).toMatch(/^search/);
    // A copy that something else has left over is none.
    const other = changed('FAT32', (bytes) => bytes.fill(0, 0, 1024));
    expect(fat.recognises(memoryDevice(other))).toBe(false);
  });

  test.each<[string, Type, (image: Buffer) => void, RegExp]>([
    ['a dirty bit', 'FAT32', (image) => image.writeUInt8(1, 65), /dirty bit/],
    ['a dirty bit', 'FAT16', (image) => image.writeUInt8(1, 37), /dirty bit/],
    ['an error bit', 'FAT16', (image) => image.writeUInt8(2, 37), /error of the medium .* boot sector/],
    ['a table in use', 'FAT16', (image) => image.writeUInt16LE(0x7fff, layout.FAT16.fat + 2), /marked as in use/],
    ['a table with an error', 'FAT32', (image) => image.writeUInt8(0x0b, layout.FAT32.fat + 7), /medium .* table/],
    ['two tables', 'FAT12', (image) => image.writeUInt8(9, layout.FAT12.fat + 90), /tables 1 and 2 differ/],
    ['a copy', 'FAT32', (image) => image.writeUInt8(9, 6 * 512 + 40), /copy at byte 3072 differ/],
    ['no information', 'FAT32', (image) => image.fill(0, 512, 1024), /information sector at byte 512/],
    ['a media descriptor', 'FAT12', (image) => image.writeUInt8(0xf8, 21), /media descriptor 0xf0.*0xf8/],
  ])('or a table with %s of its own is a complaint', (_name, type, change, complaint) => {
    const { complaints, state } = open(changed(type, change));
    expect(complaints).toEqual(expect.arrayContaining([expect.stringMatching(complaint)]));
    expect(state.kind).toBe('clean');
  });
});

describe('a directory of a FAT', () => {
  const short = 'LONGNA~1TXT';
  const sum = checksumOf(short);
  const name = 'a long name of two parts';
  const parts = [longPart(0x42, unitsOf(name.slice(13)), sum), longPart(1, unitsOf(name.slice(0, 13)), sum)] as const;

  test('has long names only where all parts belong to the entry behind them', () => {
    expect(namesOf(...parts, shortEntry(short))).toEqual([name]);
    expect(namesOf(parts[1], shortEntry(short))).toEqual(['LONGNA~1.TXT']);
    expect(namesOf(parts[0], shortEntry(short))).toEqual(['LONGNA~1.TXT']);
    expect(namesOf(...parts, shortEntry('OTHER   TXT'))).toEqual(['OTHER.TXT']);
    expect(namesOf(parts[0], parts[0], parts[1], shortEntry(short))).toEqual([name]);
    expect(namesOf(parts[0], longPart(1, unitsOf('x'), sum ^ 1), shortEntry(short))).toEqual(['LONGNA~1.TXT']);
    expect(namesOf(...parts, shortEntry('\xe5ELETED TXT'), shortEntry(short))).toEqual(['LONGNA~1.TXT']);
    expect(namesOf(...parts)).toEqual([]);
  });

  test('has names beyond the basic plane, and leaves out halves of their characters', () => {
    expect(namesOf(longPart(0x41, unitsOf('a😀b'), sum), shortEntry(short))).toEqual(['a😀b']);
    expect(namesOf(longPart(0x41, [0x61, 0xdc80, 0x62, 0xd800], sum), shortEntry(short))).toEqual(['ab']);
    expect(namesOf(longPart(0x41, [0xd800], sum), shortEntry(short))).toEqual(['LONGNA~1.TXT']);
  });

  test('has 8.3 names in code page 437, in lower case where they were written so', () => {
    const lower = shortEntry('\x8eRGER   DOC');
    lower[12] = 0x18;
    expect(namesOf(shortEntry('\x8eRGER   DOC'), lower)).toEqual(['ÄRGER.DOC', 'ärger.doc']);
    expect(namesOf(shortEntry('\x05ANJI      '), shortEntry('\xe5ELETED    '))).toEqual(['σANJI']);
    const base = shortEntry('BASE    EXT');
    base[12] = 0x08;
    expect(namesOf(base)).toEqual(['base.EXT']);
  });

  test('goes on behind an unused entry, as Linux reads it, and leaves labels out', () => {
    expect(namesOf(shortEntry('FIRST      '), Buffer.alloc(32), shortEntry('SECOND     '))).toEqual([
      'FIRST',
      'SECOND',
    ]);
    expect(namesOf(shortEntry('LABEL      ', 0x08), shortEntry('FILE       '))).toEqual(['FILE']);
  });

  test('with a name that no directory can have is not listed, and its other files are there', () => {
    for (const bad of ['../../etc/passwd'.slice(0, 12), '..', 'a/b']) {
      const slots = [longPart(0x41, unitsOf(bad), sum), shortEntry(short), shortEntry('GOOD       ')];
      expect(() => namesOf(...slots)).toThrow(/FAT root directory has an entry with the name "/);
    }
  });

  test('that is its own ancestor is an error', () => {
    const image = changed('FAT32', (bytes) => bytes.writeUInt16LE(2, entryAt(bytes, 'FAT32', 'EMPTY      ') + 26));
    expect(() => rootOf(image).readDir('/empty')).toThrow(/FAT directory "empty" is the same as a directory that/);
    expect(rootOf(image).stat('/EFI/BOOT/BOOTX64.EFI')?.type).toBe('file');
  });

  test('of more than the 65,536 entries that are allowed is an error', () => {
    const image = changed('FAT32', (bytes) => {
      // One cluster after the other up to the end of the volume.
      const { fat: table } = layout.FAT32;
      for (let cluster = 10_000; cluster < 20_000; cluster++) bytes.writeUInt32LE(cluster + 1, table + cluster * 4);
      bytes.writeUInt16LE(10_000, entryAt(bytes, 'FAT32', 'EMPTY      ') + 26);
    });
    expect(() => rootOf(image).readDir('/empty')).toThrow(/limit fatDirectoryBytes/);
  });
});
