import { describe, expect, it } from '@jest/globals';
import type { BlockDevice } from '../../src/disk/block-device.ts';
import { DiskError } from '../../src/disk/disk-error.ts';
import { pageCache } from '../../src/disk/page-cache.ts';
import { expectSame } from './container-content.ts';
import { noise } from './hurtful-tree.ts';
import { memoryDisk, sequence } from './memory-disk.ts';

const PAGE = 4 * 1024;
const MiB = 1024 * 1024;
const content = noise(5 * MiB + 777, 1);

interface Watched extends BlockDevice {
  /** Offset and length of each read, in pages. */
  readonly reads: string[];
}

function watched(bytes: Uint8Array = content): Watched {
  const disk = memoryDisk(bytes);
  const reads: string[] = [];
  const read = (offset: number, length: number) => {
    reads.push(`${offset / PAGE}+${length / PAGE}`);
    return disk.read(offset, length);
  };
  return { size: disk.size, reads, read };
}

describe('the page cache', () => {
  it('gives the bytes of the device, whatever was read before', () => {
    for (const capacity of [1, 3 * PAGE, MiB, 32 * MiB]) {
      const cache = pageCache(memoryDisk(content), capacity);
      const random = sequence(capacity);
      expect(cache.size).toBe(content.length);
      for (let round = 0; round < 600; round++) {
        const length = random([20, 5000, 200_000, 2 * MiB][random(4)] ?? 1);
        const offset = random(content.length - length + 1);
        expectSame(cache.read(offset, length), content.subarray(offset, offset + length));
      }
      expectSame(cache.read(content.length - 3, 3), content.subarray(-3));
    }
  });

  it('reads a page once', () => {
    const device = watched();
    const cache = pageCache(device);
    for (const offset of [5, 100, PAGE - 8]) cache.read(offset, 8);
    cache.read(content.length - 1, 1);
    cache.read(content.length - 700, 600);
    expect(device.reads).toEqual(['0+1', `1280+${777 / PAGE}`]);
  });

  it('reads runs of missing pages in one go, and no page that it has', () => {
    const device = watched();
    const cache = pageCache(device);
    cache.read(2 * PAGE, 1);
    cache.read(PAGE + 1, 3 * PAGE);
    cache.read(0, 4 * PAGE);
    expect(device.reads).toEqual(['2+1', '1+1', '3+2', '0+1']);
  });

  it('forgets pages that were not used of late, and none that was', () => {
    const device = watched();
    const cache = pageCache(device, 6 * PAGE);
    for (const page of [0, 1, 2, 3, 0, 4, 5, 0, 1]) cache.read(page * PAGE, 1);
    expect(device.reads).toEqual(['0+1', '1+1', '2+1', '3+1', '4+1', '5+1', '1+1']);
  });

  it('keeps no more pages than it may', () => {
    const device = watched();
    const cache = pageCache(device, 8 * PAGE);
    for (let page = 0; page < 200; page++) cache.read(page * PAGE, 1);
    device.reads.length = 0;
    for (let page = 199; page >= 0; page--) cache.read(page * PAGE, 1);
    expect(device.reads.length).toBeGreaterThanOrEqual(192);
  });

  it('keeps its pages when a long piece is read', () => {
    const device = watched();
    const cache = pageCache(device, 4 * PAGE);
    cache.read(0, 1);
    expectSame(cache.read(PAGE, MiB + 1), content.subarray(PAGE, PAGE + MiB + 1));
    cache.read(0, 1);
    expect(device.reads).toEqual(['0+1', `1+${(MiB + 1) / PAGE}`]);
  });

  it('reads nothing for no bytes', () => {
    const device = watched();
    expect(pageCache(device).read(content.length, 0)).toHaveLength(0);
    expect(device.reads).toEqual([]);
  });

  it('refuses what lies outside, and asks again after an error', () => {
    let fails = true;
    const device: BlockDevice = {
      size: content.length,
      read(offset, length) {
        if (fails) throw new DiskError('io', 'file', 'cannot be read (EIO)', offset);
        return content.subarray(offset, offset + length);
      },
    };
    const cache = pageCache(device);
    for (const [offset, length] of [
      [content.length, 1],
      [-1, 1],
      [0, -1],
      [0.5, 1],
      [0, content.length + 1],
      [Number.NaN, 1],
    ] as const)
      expect(() => cache.read(offset, length)).toThrow(expect.objectContaining({ kind: 'corrupt' }));
    expect(() => cache.read(0, 4)).toThrow('cannot be read (EIO)');
    fails = false;
    expectSame(cache.read(0, 4), content.subarray(0, 4));
  });
});
