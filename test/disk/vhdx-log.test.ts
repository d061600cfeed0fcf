import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, jest, test } from '@jest/globals';
import type { VhdxContainer } from '../../src/disk/container.ts';
import { openContainer } from '../../src/disk/containers/open.ts';
import { DiskError } from '../../src/disk/disk-error.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { expectSame } from './container-content.ts';
import { noise } from './hurtful-tree.ts';
import { memoryDisk, sequence as numbers } from './memory-disk.ts';
import { describeWith, run, workFolder } from './tools.ts';
import { type Entry, lengthOfEntry, logOf, sign, type Write, withLog } from './vhdx-log-writer.ts';

jest.setTimeout(120_000);

const SECTOR = 4096;
const MIB = 1024 * 1024;
/** One block of the disk each, by qemu-img with blocks of 1 MiB. */
const clean = gunzipSync(readFileSync(new URL('../../fixtures/images/dynamic.vhdx.gz', import.meta.url)));

function diskOf(image: Uint8Array): Buffer {
  const { disk, container } = openContainer(memoryDisk(image), nodeCodecs);
  expect(container).toMatchObject({ format: 'vhdx', log: 'replayed' });
  return Buffer.from(disk.read(0, disk.size));
}

function errorOf(image: Uint8Array): DiskError {
  try {
    diskOf(image);
  } catch (error) {
    if (error instanceof DiskError) return error;
    throw error;
  }
  throw new Error('it was opened');
}

/** Places of the file: the allocation table, and the first block of the disk. */
const places = (() => {
  const regions = 192 * 1024;
  const isTable = (at: number) => clean.readUInt32LE(at) === 0x2dc27766;
  const at = isTable(regions + 16) ? regions + 16 : regions + 48;
  const table = Number(clean.readBigUInt64LE(at + 16));
  return { table, block: Number(clean.readBigUInt64LE(table) >> 20n) * MIB };
})();

const base = (() => {
  const { disk } = openContainer(memoryDisk(clean), nodeCodecs);
  return Buffer.from(disk.read(0, disk.size));
})();

/** The entries one behind the other from a place on, numbered, the first being the tail of all. */
function inARow(writes: readonly (readonly Write[])[], { from = 0, first = 7 } = {}): Entry[] {
  const { logLength } = logOf(clean);
  let at = from;
  return writes.map((some, index) => {
    const entry = { sequence: first + index, at, tail: from, writes: some };
    at = (at + lengthOfEntry(entry)) % logLength;
    return entry;
  });
}

describe('a VHDX that was not closed', () => {
  const data = (sectors: number, seed: number) => noise(sectors * SECTOR, seed);
  const write = (sector: number, bytes: Uint8Array): Write => ({ offset: places.block + sector * SECTOR, bytes });
  const zero = (sector: number, sectors: number): Write => ({
    offset: places.block + sector * SECTOR,
    zeroes: sectors * SECTOR,
  });
  const expected = (...writes: readonly (readonly [sector: number, bytes: Uint8Array])[]): Buffer => {
    const disk = Buffer.from(base);
    for (const [sector, bytes] of writes) disk.set(bytes, sector * SECTOR);
    return disk;
  };

  it('is read as the log has it, the later write over the earlier', () => {
    const image = withLog(
      clean,
      inARow([[write(0, data(3, 1)), zero(1, 1)], [write(2, data(1, 2))], [zero(5, 4), write(6, data(1, 3))]]),
    );
    const zeros = new Uint8Array(4 * SECTOR);
    expectSame(
      diskOf(image),
      expected([0, data(3, 1)], [1, zeros.subarray(0, SECTOR)], [2, data(1, 2)], [5, zeros], [6, data(1, 3)]),
    );
  });

  it('may have more descriptors than one sector holds', () => {
    expectSame(diskOf(withLog(clean, inARow([[write(0, data(150, 1))]]))), expected([0, data(150, 1)]));
  });

  it('is read by the allocation table of the log', () => {
    const table = Buffer.from(clean.subarray(places.table, places.table + SECTOR));
    table.writeBigUInt64LE(2n, 0); // Zero, whatever its place has.
    expectSame(
      diskOf(withLog(clean, inARow([[{ offset: places.table, bytes: table }]]))),
      expected([0, new Uint8Array(MIB)]),
    );
  });

  it('may have blocks beyond its end, which the log was to make', () => {
    const table = Buffer.from(clean.subarray(places.table, places.table + SECTOR));
    table.writeBigUInt64LE((BigInt(clean.length / MIB) << 20n) | 6n, 0);
    const writes = [
      { offset: places.table, bytes: table },
      { offset: clean.length + SECTOR, bytes: data(1, 1) },
    ];
    const image = withLog(clean, [{ sequence: 1, at: 0, writes, lastSize: clean.length + MIB }]);
    expectSame(diskOf(image), expected([0, new Uint8Array(MIB)], [1, data(1, 1)]));
  });

  it('may have a log that goes on at its start', () => {
    const { logLength } = logOf(clean);
    for (const from of [logLength - SECTOR, logLength - 2 * SECTOR, logLength - 5 * SECTOR]) {
      const writes = [1, 2, 3, 4].map((index) => [write(0, data(2, index)), write(index * 3, data(1, index))]);
      expectSame(
        diskOf(withLog(clean, inARow(writes, { from }))),
        expected([3, data(1, 1)], [6, data(1, 2)], [9, data(1, 3)], [12, data(1, 4)], [0, data(2, 4)]),
      );
    }
  });

  it('is read by the newest sequence, without what is older, of another log, or not whole', () => {
    const older = inARow([[write(0, data(1, 1))], [write(1, data(1, 1))]], { from: 20 * SECTOR, first: 3 });
    const newest = inARow([[write(2, data(1, 2))], [write(3, data(1, 2))]], { from: 60 * SECTOR, first: 90 });
    const other: Entry = {
      sequence: 500,
      at: 100 * SECTOR,
      tail: 100 * SECTOR,
      writes: [write(4, data(1, 3))],
      guid: noise(16, 9),
    };
    const torn: Entry = { sequence: 92, at: 64 * SECTOR, tail: 60 * SECTOR, writes: [write(5, data(1, 4))] };
    const image = withLog(clean, [...older, ...newest, other, torn]);
    const at = logOf(image).logOffset + torn.at + SECTOR + 100;
    image.writeUInt8(image.readUInt8(at) ^ 1, at);
    expectSame(diskOf(image), expected([2, data(1, 2)], [3, data(1, 2)]));
  });

  it('is read from the tail of the newest entry on, as what is before it is in its place', () => {
    const entries = inARow([[write(0, data(1, 1))], [write(1, data(1, 2))], [write(2, data(1, 3))]]);
    const image = withLog(
      clean,
      entries.map((entry) => ({ ...entry, tail: entries[1]?.at ?? 0 })),
    );
    expectSame(diskOf(image), expected([1, data(1, 2)], [2, data(1, 3)]));
  });

  test.each<readonly [string, Buffer, string]>([
    ['holds no entry', withLog(clean, []), 'was left to replay and holds no sequence of whole entries'],
    [
      'lacks the tail of its newest entry',
      withLog(clean, [{ sequence: 5, at: SECTOR, tail: 0, writes: [write(0, data(1, 1))] }]),
      'was left to replay and holds no sequence of whole entries',
    ],
    [
      'was written for a longer file',
      withLog(clean, [{ sequence: 5, at: 0, writes: [], flushedSize: clean.length + MIB }]),
      `was written for a file of at least ${clean.length + MIB} bytes, but there are ${clean.length}: it was cut`,
    ],
  ])('is refused, with what to do, when the log %s', (_name, image, reason) => {
    const error = errorOf(image);
    expect(error).toMatchObject({ kind: 'corrupt', structure: 'VHDX log' });
    expect(error.message).toContain(reason);
    expect(error.advice).toContain('qemu-img check -r all FILE');
  });

  it('is refused when a whole entry contradicts itself', () => {
    const image = withLog(clean, inARow([[write(0, data(1, 1))]]));
    const { logOffset } = logOf(image);
    image.write('what', logOffset + 64, 'latin1');
    sign(image.subarray(logOffset, logOffset + 2 * SECTOR));
    expect(errorOf(image)).toMatchObject({ kind: 'corrupt', message: 'VHDX log entry 7 has a damaged descriptor 0' });
  });

  it('is refused when its log asks for endless work', () => {
    const nested = withLog(clean, []);
    const { logOffset, logLength } = logOf(nested);
    const entry = withLog(clean, inARow([[]])).subarray(logOffset, logOffset + 64);
    for (let at = 0; at < logLength; at += SECTOR) {
      entry.copy(nested, logOffset + at);
      nested.writeUInt32LE(logLength, logOffset + at + 8);
    }
    expect(errorOf(nested).message).toContain('lie over each other');
    const zeros: Entry = {
      sequence: 1,
      at: 0,
      writes: Array.from({ length: 10_001 }, (_, index) => zero(index % 9, 1)),
    };
    expect(errorOf(withLog(clean, [zeros]))).toMatchObject({ kind: 'limit' });
  });
});

describeWith([{ program: 'qemu-img', package: 'qemu-utils' }], 'a VHDX that QEMU closes', () => {
  const folder = workFolder();

  test.each(Array.from({ length: 12 }, (_, index) => index + 1))(
    'holds what was read of it before (seed %i)',
    (seed) => {
      const random = numbers(seed * 7919);
      const blockSectors = MIB / SECTOR;
      const writes = Array.from({ length: 1 + random(6) }, (_, entry) =>
        Array.from({ length: random(5) + 1 }, (_, index): Write => {
          const sector = random(blockSectors - 8);
          const offset = places.block + sector * SECTOR;
          return random(3)
            ? { offset, bytes: noise((1 + random(4)) * SECTOR, seed * 1000 + entry * 10 + index) }
            : { offset, zeroes: (1 + random(8)) * SECTOR };
        }),
      );
      const table = Buffer.from(clean.subarray(places.table, places.table + SECTOR));
      // The blocks of the disk that are in use swap their places in every second case.
      if (seed % 2) {
        const [first, second] = [0, 3].map((block) => table.readBigUInt64LE(block * 8));
        table.writeBigUInt64LE(second ?? 0n, 0);
        table.writeBigUInt64LE(first ?? 0n, 24);
      }
      const entries = inARow([...writes, [{ offset: places.table, bytes: table }]], { from: random(40) * SECTOR });
      const stale = inARow([[{ offset: places.block, bytes: noise(SECTOR, 1) }]], { from: 200 * SECTOR, first: 2 });
      const image = withLog(clean, [...entries, ...stale]);
      const before = diskOf(image);
      const [file, raw] = [join(folder, 'dirty.vhdx'), join(folder, 'raw')];
      writeFileSync(file, image);
      expect(() => run('qemu-img', 'convert', '-f', 'vhdx', '-O', 'raw', file, raw)).toThrow('needs to be replayed');
      run('qemu-img', 'check', '-r', 'all', '-f', 'vhdx', file);
      run('qemu-img', 'convert', '-f', 'vhdx', '-O', 'raw', file, raw);
      expectSame(before, readFileSync(raw));
      expect(before.equals(base)).toBe(false);
      const { container } = openContainer(memoryDisk(readFileSync(file)), nodeCodecs);
      expect((container as VhdxContainer).log).toBe('empty');
    },
  );
});
