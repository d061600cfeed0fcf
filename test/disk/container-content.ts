import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect } from '@jest/globals';
import type { BlockDevice } from '../../src/disk/block-device.ts';
import type { OpenedContainer } from '../../src/disk/container.ts';
import { openContainer } from '../../src/disk/containers/open.ts';
import { DiskError } from '../../src/disk/disk-error.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { noise } from './hurtful-tree.ts';
import { memoryDisk, sequence } from './memory-disk.ts';

const MiB = 1024 * 1024;

/** Compares millions of bytes, which `toEqual` takes a minute for. */
export function expectSame(actual: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(actual, expected) === 0) return;
  const at = actual.findIndex((byte, index) => byte !== expected[index]);
  expect(`${actual.length} bytes, different from byte ${at} on`).toBe(`${expected.length} bytes, all alike`);
}

/** A disk of runs of noise, of one repeated byte and of zeros, at places that no cluster size divides. */
export function scatteredContent(size: number): Buffer {
  const content = Buffer.alloc(size);
  for (let place = 3000, index = 1; place + 300_000 < size; place += 3_400_000 + index * 977, index++)
    noise(150_000 + index * 1000, index).copy(content, place);
  content.fill(0x41, 40 * MiB + 77, 42 * MiB);
  noise(512, 99).copy(content, size - 512);
  return content;
}

/** Reads at random, short and long, and the last sector. */
export function expectContent(disk: BlockDevice, content: Buffer, seed = 4711): void {
  const random = sequence(seed);
  expect(disk.size).toBe(content.length);
  for (let round = 0; round < 250; round++) {
    const length = 1 + random(round % 25 ? 9000 : 3_000_000);
    const offset = random(content.length - length + 1);
    expectSame(disk.read(offset, length), content.subarray(offset, offset + length));
  }
  expectSame(disk.read(content.length - 512, 512), content.subarray(-512));
}

export const goldenNames = ['dynamic.vhd', 'dynamic.vhdx', 'zlib.qcow2', 'zstd.qcow2'] as const;

export function golden(name: (typeof goldenNames)[number]): Buffer {
  return gunzipSync(readFileSync(new URL(`../../fixtures/images/${name}.gz`, import.meta.url)));
}

/** What `fixtures/images/containers.sh` writes into each. */
export function goldenContent(): Buffer {
  const content = Buffer.alloc(9 * MiB + 512);
  content.fill(0x11, 0, 4096);
  content.fill(0x22, 65_024, 65_024 + 1536);
  content.fill(0x33, 3_145_216, 3_145_216 + 1024);
  content.fill(0x44, 6 * MiB, 6 * MiB + 65_536);
  content.fill(0x55, content.length - 512);
  return content;
}

export function openBytes(bytes: Uint8Array): OpenedContainer {
  return openContainer(memoryDisk(bytes), nodeCodecs);
}

/** The error that opening them, or reading all of the disk, ends in. */
export function errorOf(bytes: Uint8Array): DiskError {
  try {
    const { disk } = openBytes(bytes);
    disk.read(0, disk.size);
  } catch (error) {
    if (error instanceof DiskError) return error;
    throw error;
  }
  throw new Error('it was read without an error');
}
