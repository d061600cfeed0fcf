import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { BlockDevice } from '../../src/disk/block-device.ts';
import { openContainer } from '../../src/disk/containers/open.ts';
import { attemptDisk, DiskError } from '../../src/disk/disk-error.ts';
import type { FileSystem } from '../../src/disk/file-system.ts';
import { btrfs } from '../../src/disk/filesystems/btrfs/format.ts';
import { ext } from '../../src/disk/filesystems/ext/format.ts';
import { allocationTable } from '../../src/disk/filesystems/fat/allocation-table.ts';
import { parseBootSector } from '../../src/disk/filesystems/fat/boot-sector.ts';
import { fat } from '../../src/disk/filesystems/fat/format.ts';
import { xfs } from '../../src/disk/filesystems/xfs/format.ts';
import { diskLimits } from '../../src/disk/limits.ts';
import { pageCache } from '../../src/disk/page-cache.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { manifestOf } from './manifest.ts';
import { memoryDisk } from './memory-disk.ts';
import { withLog } from './vhdx-log-writer.ts';

type Limit = keyof typeof diskLimits;

/** Suites that reach a limit as it is. */
const elsewhere = {
  qcow2L1Bytes: 'qcow2.test.ts',
  allocationTableEntries: 'vhd.test.ts',
  gptEntries: 'partitions.test.ts',
  extendedPartitions: 'partitions.test.ts',
  lvmMetadataBytes: 'lvm-metadata.test.ts',
  lvmNesting: 'lvm-metadata.test.ts',
  lvmSegments: 'lvm-metadata.test.ts',
  journalBlocks: 'ext-journal-log.test.ts',
  fatDirectoryBytes: 'fat-damage.test.ts',
} as const satisfies Partial<Record<Limit, string>>;

afterEach(() => {
  jest.restoreAllMocks();
});

/** Sets a limit for one test, as no small image reaches millions. */
function lower(limit: Limit, value: number): void {
  jest.replaceProperty(diskLimits, limit, value);
}

const unpacked = new Map<string, Buffer>();

function golden(name: string): Buffer {
  const path = join(import.meta.dirname, '..', '..', 'fixtures', 'images', `${name}.gz`);
  const image = unpacked.get(name) ?? gunzipSync(readFileSync(path));
  unpacked.set(name, image);
  return image;
}

const formats = { ext, xfs, btrfs, fat };

/** Every file of a golden image, with its contents. */
function readAll(format: keyof typeof formats, name: string): Record<string, string> {
  return manifestOf(open(format, name).tree);
}

function open(format: keyof typeof formats, name: string, device: BlockDevice = memoryDisk(golden(name))): FileSystem {
  return formats[format].open(device, nodeCodecs);
}

function limitError(step: () => unknown): DiskError {
  try {
    step();
  } catch (error) {
    if (error instanceof DiskError) return error;
    throw error;
  }
  throw new Error('no limit was reached');
}

/** What ends in an error at a limit that was lowered to the number. */
const ending: readonly (readonly [Limit, number, what: string, step: () => unknown])[] = [
  ['treeDepth', 0, 'a tree of btrfs', () => readAll('btrfs', 'btrfs-lzo.img')],
  ['extentsPerFile', 1, 'a file of btrfs', () => readAll('btrfs', 'btrfs-lzo.img')],
  ['extentsPerFile', 1, 'a file of XFS', () => readAll('xfs', 'xfs-v5.img')],
  ['extentsPerFile', 1, 'a file of ext2', () => readAll('ext', 'ext2.img')],
  ['extentsPerFile', 1, 'a file of FAT', () => readAll('fat', 'fat16.img')],
  ['entriesPerDirectory', 3, 'a directory of btrfs', () => readAll('btrfs', 'btrfs-lzo.img')],
  ['entriesPerDirectory', 3, 'a directory of XFS', () => readAll('xfs', 'xfs-v5.img')],
  ['entriesPerDirectory', 3, 'a directory of ext4', () => readAll('ext', 'ext4-inline.img')],
  ['directoryBytes', 100, 'a directory of XFS', () => readAll('xfs', 'xfs-v5.img')],
  ['directoryBytes', 100, 'a directory of ext4', () => readAll('ext', 'ext4-inline.img')],
  ['linkTargetBytes', 3, 'a link of btrfs', () => readAll('btrfs', 'btrfs-lzo.img')],
  ['linkTargetBytes', 3, 'a link of ext4', () => readAll('ext', 'ext4-inline.img')],
  ['subvolumes', 1, 'a btrfs', () => open('btrfs', 'btrfs-lzo.img').subvolumes?.list()],
  ['vhdxTableEntries', 2, 'the metadata table of a VHDX', () => openVhdx(golden('dynamic.vhdx'))],
  ['vhdxTableEntries', 1, 'the region table of a VHDX', () => openVhdx(golden('dynamic.vhdx'))],
  ['vhdxLogBytes', 1000, 'the log of a VHDX', () => openVhdx(zeroing())],
  ['vhdxLogZeroRanges', 1, 'the log of a VHDX', () => openVhdx(zeroing())],
];

function openVhdx(image: Uint8Array): unknown {
  return openContainer(memoryDisk(image), nodeCodecs);
}

/** A VHDX whose log zeroes two ranges of what is nobody's. */
function zeroing(): Buffer {
  const image = golden('dynamic.vhdx');
  const writes = [1, 3].map((place) => ({ offset: image.length - 4096 * place, zeroes: 4096 }));
  return withLog(image, [{ sequence: 1, at: 0, writes }]);
}

describe('a limit ends the reading with its name', () => {
  test.each(ending)('%s, here %i, of %s', (limit, value, _what, step) => {
    expect(() => step()).not.toThrow();
    lower(limit, value);
    const error = limitError(step);
    expect(error.message).toContain(limit);
    expect(error.kind).toBe('limit');
  });

  test('xfsLogBytes leaves the file system dirty', () => {
    expect(open('xfs', 'xfs-dirty.img').state.kind).toBe('replayed');
    lower('xfsLogBytes', 512);
    expect(open('xfs', 'xfs-dirty.img').state).toMatchObject({
      kind: 'dirty',
      reason: expect.stringContaining('limit xfsLogBytes'),
    });
  });
});

/** A device that counts how often it is read. */
function counting(device: BlockDevice): BlockDevice & { readonly reads: () => number } {
  let reads = 0;
  return {
    size: device.size,
    reads: () => reads,
    read(offset, length) {
      reads += 1;
      return device.read(offset, length);
    },
  };
}

/** What is kept between reads, and is read again when the cap on it leaves no room. */
const caches: readonly (readonly [Limit, what: string, step: (device: BlockDevice) => unknown, name: string])[] = [
  ['cacheBytes', 'pages of a file', (device) => readAllOf('ext', pageCache(device)), 'ext4-inline.img'],
  ['fatTableBytes', 'the table of a FAT', (device) => askTable(device), 'fat16.img'],
  ['btrfsBlockBytes', 'tree blocks of btrfs', (device) => readAllOf('btrfs', device), 'btrfs-lzo.img'],
  ['cachedObjects', 'inodes of ext4', (device) => readAllOf('ext', device), 'ext4-inline.img'],
  ['cachedObjects', 'inodes of XFS', (device) => readAllOf('xfs', device), 'xfs-v5.img'],
  ['cachedObjects', 'directories of a FAT', (device) => readAllOf('fat', device), 'fat16.img'],
  ['qcow2ClusterBytes', 'expanded clusters', (device) => readTwice(device), 'zlib.qcow2'],
];

function readAllOf(format: keyof typeof formats, device: BlockDevice): Record<string, string> {
  const { tree } = formats[format].open(device, nodeCodecs);
  manifestOf(tree);
  return manifestOf(tree);
}

/** Entries in two blocks of the table in turns. */
function askTable(device: BlockDevice): unknown {
  const table = allocationTable(device, parseBootSector(device.read(0, 512), 0));
  return [3, 3000, 3, 3000].map((cluster) => attemptDisk(() => table.next(cluster)));
}

/** Two clusters in turns. */
function readTwice(file: BlockDevice): unknown {
  const { disk } = openContainer(file, nodeCodecs);
  return [0, 65_024, 0, 65_024, 0].map((offset) => [...disk.read(offset, 1024)]);
}

describe('a limit on what is kept', () => {
  test.each(caches)('%s costs reads of %s and changes nothing', (limit, _what, step, name) => {
    const [whole, capped] = [counting(memoryDisk(golden(name))), counting(memoryDisk(golden(name)))];
    const expected = step(whole);
    lower(limit, 1);
    expect(step(capped)).toEqual(expected);
    expect(capped.reads()).toBeGreaterThan(whole.reads());
  });
});

test('every limit has a test that reaches it', () => {
  const here = new Set<string>(['xfsLogBytes', ...ending.map(([limit]) => limit), ...caches.map(([limit]) => limit)]);
  const named = Object.entries(elsewhere).filter(([limit, suite]) =>
    new RegExp(`\\b${limit}\\b`).test(readFileSync(join(import.meta.dirname, suite), 'utf8')),
  );
  expect([...here, ...named.map(([limit]) => limit)].sort()).toEqual(Object.keys(diskLimits).sort());
});
