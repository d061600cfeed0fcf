import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { BlockDevice } from '../../src/disk/block-device.ts';
import type { Disk } from '../../src/disk/disk.ts';
import { DiskError } from '../../src/disk/disk-error.ts';
import type { FileSystem, FileSystemFormat } from '../../src/disk/file-system.ts';
import { btrfs } from '../../src/disk/filesystems/btrfs/format.ts';
import { ext } from '../../src/disk/filesystems/ext/format.ts';
import { fat } from '../../src/disk/filesystems/fat/format.ts';
import { xfs } from '../../src/disk/filesystems/xfs/format.ts';
import { openDisk } from '../../src/disk/open-disk.ts';
import { pageCache } from '../../src/disk/page-cache.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { memoryDisk, sequence, sparseDisk } from './memory-disk.ts';
import { bootSector, gptDisk } from './partition-bytes.ts';

const golden = (name: string): Buffer =>
  gunzipSync(readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'images', `${name}.img.gz`)));
const formats = [ext, xfs, btrfs, fat];
const lvm = golden('lvm');
/** The partition of the golden image, which is the physical volume. */
const PARTITION = 32_768;

function open(device: BlockDevice, known: readonly FileSystemFormat[] = formats): Disk {
  return openDisk({ format: 'raw', fileSize: device.size, virtualSize: device.size }, device, known, nodeCodecs);
}

/** A format that says yes to a device that begins with `!`, and counts how often it is opened. */
function stub(failure?: Error): FileSystemFormat & { opened: number } {
  const fileSystem: FileSystem = {
    type: 'ext4',
    uuid: undefined,
    label: undefined,
    size: 0,
    blockSize: 512,
    features: [],
    state: { kind: 'clean' },
    complaints: [],
    tree: {
      root: undefined,
      ownersRecorded: true,
      status: () => ({ type: 'directory', mode: 0, uid: 0, gid: 0, size: 0, mtime: 0 }),
      lookup: () => undefined,
      list: () => [],
      readLink: () => '',
      read: () => new Uint8Array(0),
    },
  };
  return {
    opened: 0,
    recognises: (device) => device.size > 0 && device.read(0, 1)[0] === 0x21,
    open() {
      this.opened += 1;
      if (failure) throw failure;
      return fileSystem;
    },
  };
}

const kinds = (disk: Disk): string[] => disk.volumes.map(({ id, content }) => `${id} ${content.kind}`);

describe('the volumes of a disk', () => {
  const marked = Buffer.from('!');

  test('are its partitions in order, without the extended one', () => {
    const disk = open(
      sparseDisk(1024 * 1024, {
        0: bootSector({ type: 0x83, start: 100, sectors: 10 }, { type: 5, start: 200, sectors: 100 }),
        [200 * 512]: bootSector({ type: 0x83, start: 2, sectors: 20 }),
        [202 * 512]: marked,
      }),
      [stub()],
    );
    expect(disk.table.partitions.map(({ number }) => number)).toEqual([1, 2, 5]);
    expect(kinds(disk)).toEqual(['p1 unrecognised', 'p5 file-system']);
    expect(disk.volumes[1]).toMatchObject({ size: 10_240, partition: { number: 5 } });
  });

  test('are the disk itself when it has no partitions', () => {
    for (const pieces of [{ 0: marked }, { 0: Buffer.concat([marked, bootSector().subarray(1)]) }]) {
      const disk = open(sparseDisk(1024 * 1024, pieces), [stub()]);
      expect(kinds(disk)).toEqual(['disk file-system']);
      expect(disk.volumes[0]?.size).toBe(1024 * 1024);
    }
  });

  test('are opened once, and only when asked for', () => {
    const format = stub();
    const bytes = gptDisk(1000, [
      { first: 100n, last: 199n },
      { first: 300n, last: 399n },
    ]);
    marked.copy(bytes, 51_200);
    marked.copy(bytes, 153_600);
    const disk = open(memoryDisk(bytes), [format]);
    expect(format.opened).toBe(0);
    expect(disk.volumes[1]?.content).toBe(disk.volumes[1]?.content);
    expect(format.opened).toBe(1);
  });

  test('that cannot be opened do not keep others from being read', () => {
    const problem = new DiskError('corrupt', 'superblock', 'is damaged');
    const bytes = gptDisk(1000, [
      { first: 100n, last: 199n },
      { first: 300n, last: 5000n },
      { first: 400n, last: 499n },
    ]);
    marked.copy(bytes, 51_200);
    const disk = open(memoryDisk(bytes), [stub(problem)]);
    expect(disk.volumes.map(({ id, content }) => [id, content])).toMatchObject([
      ['p1', { kind: 'unreadable', type: 'file system', problem }],
      [
        'p2',
        { kind: 'unreadable', type: 'partition', problem: { message: expect.stringContaining('inside the disk') } },
      ],
      ['p3', { kind: 'unrecognised' }],
    ]);
    const bug = open(memoryDisk(bytes), [stub(new TypeError('a bug'))]);
    expect(() => bug.volumes[0]?.content).toThrow('a bug');
  });

  test('have the sector size that a VHDX gives', () => {
    const device = sparseDisk(8 * 1024 * 1024, { 0: bootSector({ type: 0x83, start: 256, sectors: 10 }) });
    const container = {
      format: 'vhdx',
      type: 'dynamic',
      fileSize: 0,
      virtualSize: device.size,
      blockSize: 1024 * 1024,
      physicalSectorSize: 4096,
      log: 'empty',
      creator: '',
      problems: [],
    } as const;
    const offsets = [512, 4096].map(
      (logicalSectorSize) =>
        openDisk({ ...container, logicalSectorSize }, device, [], nodeCodecs).table.partitions[0]?.offset,
    );
    expect(offsets).toEqual([256 * 512, 256 * 4096]);
  });
});

describe('the golden disk with an LVM group', () => {
  function numbers(disk: Disk): string {
    const content = disk.volumes.find(({ id }) => id === 'rootvg/rootlv')?.content;
    if (content?.kind !== 'file-system') return `${content?.kind}`;
    const { tree } = content.fileSystem;
    const node = tree.lookup(tree.root, 'numbers');
    return createHash('sha256')
      .update(tree.read(node, 0, 10_000_000))
      .digest('hex');
  }
  const whole = 'fe11674b1a98784c1694de1aa0dc483f5953cc0c44f733be70c47922f17ad24b';

  test('is read down to the files of its root, which lies in two pieces', () => {
    const disk = open(memoryDisk(lvm));
    expect(kinds(disk)).toEqual(['p1 physical-volume', 'rootvg/rootlv file-system', 'rootvg/swaplv swap']);
    expect(disk.volumes.map(({ content }) => content)).toMatchObject([
      { group: 'rootvg' },
      { fileSystem: { type: 'ext4', label: 'golden', uuid: '01234567-89ab-4cde-8f01-23456789abcd' } },
      { uuid: '89abcdef-0123-4567-89ab-cdef01234567', label: 'swap' },
    ]);
    expect(disk.volumeGroups).toMatchObject([
      { name: 'rootvg', extentSize: 65_536, physicalVolumes: [{ volume: 'p1' }] },
    ]);
    expect(disk.volumes[1]).toMatchObject({
      size: 2 * 1024 * 1024,
      logicalVolume: { group: 'rootvg', name: 'rootlv' },
    });
    expect(numbers(disk)).toBe(whole);
  });

  test('is read as well when the physical volume is the whole disk', () => {
    const disk = open(memoryDisk(lvm.subarray(PARTITION)));
    expect(kinds(disk)).toEqual(['disk physical-volume', 'rootvg/rootlv file-system', 'rootvg/swaplv swap']);
    expect(numbers(disk)).toBe(whole);
  });

  test('costs little to open, and not much more to recognise every volume of', () => {
    let bytes = 0;
    let reads = 0;
    const counting: BlockDevice = {
      size: lvm.length,
      read: (offset, length) => {
        bytes += length;
        reads += 1;
        return memoryDisk(lvm).read(offset, length);
      },
    };
    open(counting);
    expect(bytes).toBeLessThan(16 * 1024);
    bytes = 0;
    reads = 0;
    expect(kinds(open(pageCache(counting)))).toHaveLength(3);
    expect(bytes).toBeLessThan(512 * 1024);
    expect(reads).toBeLessThan(30);
  });

  test('with a damaged label or damaged metadata says so', () => {
    const damaged = (change: (bytes: Buffer) => void): Disk => {
      const bytes = Buffer.from(lvm);
      change(bytes);
      return open(memoryDisk(bytes));
    };
    const label = damaged((bytes) => bytes.fill(1, PARTITION + 512 + 100, PARTITION + 512 + 101));
    expect(label.volumes[0]?.content).toMatchObject({
      kind: 'unreadable',
      type: 'LVM2_member',
      problem: { kind: 'corrupt', message: expect.stringContaining('LVM label at byte 512 has the checksum') },
    });
    const header = damaged((bytes) => bytes.fill(1, PARTITION + 4096 + 100, PARTITION + 4096 + 101));
    expect(kinds(header)).toEqual(['p1 unreadable']);
    const at = PARTITION + 4096 + lvm.readUInt32LE(PARTITION + 4096 + 40);
    const text = damaged((bytes) => bytes.write('X', at));
    expect(text.volumes[0]?.content).toMatchObject({
      kind: 'unreadable',
      problem: { message: expect.stringContaining('LVM metadata at byte') },
    });
    expect(text.volumeGroups).toEqual([]);
  });

  test('beside a copy of its physical volume reads the first and refuses the copy', () => {
    const part = lvm.subarray(PARTITION);
    const second = Math.ceil((PARTITION + part.length) / 512);
    const bytes = Buffer.alloc(second * 512 + part.length);
    lvm.copy(bytes);
    bootSector(
      { type: 0x8e, start: 64, sectors: part.length / 512 },
      { type: 0x8e, start: second, sectors: part.length / 512 },
    ).copy(bytes);
    part.copy(bytes, second * 512);
    const disk = open(memoryDisk(bytes));
    expect(kinds(disk)).toEqual([
      'p1 physical-volume',
      'p2 unreadable',
      'rootvg/rootlv file-system',
      'rootvg/swaplv swap',
    ]);
    expect(disk.volumes[1]?.content).toMatchObject({ problem: { message: expect.stringContaining('UUID as p1') } });
  });

  test('with any damage gives volumes or DiskErrors, and ends', () => {
    const next = sequence(31);
    const places = [446, PARTITION + 512, PARTITION + 512 + 32, PARTITION + 4096];
    const outcomes = new Map<string, number>();
    for (let round = 0; round < 200; round++) {
      const bytes = Buffer.from(lvm);
      for (let count = 1 + next(4); count > 0; count--)
        bytes[(places[next(places.length)] ?? 0) + next(72)] = next(3) === 0 ? 0xff : next(256);
      for (const kind of kinds(open(memoryDisk(bytes), [ext]))) {
        const [, outcome = ''] = kind.split(' ');
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    }
    expect(outcomes.get('unreadable')).toBeGreaterThan(25);
    expect(outcomes.get('unrecognised')).toBeGreaterThan(2);
  });
});
