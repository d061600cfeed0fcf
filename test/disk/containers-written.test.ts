import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { openContainer } from '../../src/disk/containers/open.ts';
import { pageCache } from '../../src/disk/page-cache.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { FileDevice } from '../../src/host/file-device.ts';
import { expectContent, expectSame } from './container-content.ts';
import { sequence } from './memory-disk.ts';
import { describeWith, run, workFolder } from './tools.ts';

jest.setTimeout(120_000);

const MiB = 1024 * 1024;
const SIZE = 12 * MiB;

type Random = (bound: number) => number;

/** Commands of qemu-io: writes of whole sectors, and zeros and discards, which version 2 of qcow2 does not have. */
function writes(random: Random, withZeros: boolean): string[] {
  return Array.from({ length: 60 }, (_, index) => {
    const offset = random((SIZE - 2 * MiB) / 512) * 512;
    const length = (1 + random(random(8) ? 200 : 3000)) * 512;
    switch (withZeros ? random(8) : undefined) {
      case 1:
        return `write -q -z ${offset} ${length}`;
      case 2:
        return `write -q -z -u ${offset} ${length}`;
      case 0:
        return `discard -q ${offset} ${Math.min(length * 4, SIZE - offset)}`;
      default:
        return `write -q -P ${1 + index} ${offset} ${length}`;
    }
  });
}

/** Every third cluster or so; only one that was never written to can be compressed. */
function compressedWrites(random: Random, cluster: number): string[] {
  const offsets = Array.from({ length: 20 }, () => random(SIZE / cluster) * cluster);
  return [...new Set(offsets)].map((offset, index) => `write -q -c -P ${100 + index} ${offset} ${cluster}`);
}

describeWith([{ program: 'qemu-io', package: 'qemu-utils' }], 'a disk that was written to at random', () => {
  const folder = workFolder();
  const image = join(folder, 'image');
  const raw = join(folder, 'raw');

  test.each([
    ['vpc', 'subformat=dynamic,force_size', undefined],
    ['vpc', 'subformat=fixed,force_size', undefined],
    ['vhdx', 'block_size=1M', undefined],
    ['vhdx', 'block_size=8M', undefined],
    ['qcow2', 'cluster_size=512', undefined],
    ['qcow2', 'cluster_size=4k', 4096],
    ['qcow2', 'compat=0.10', 65_536],
    ['qcow2', 'compression_type=zstd', 65_536],
    ['qcow2', 'extended_l2=on,cluster_size=16k', 16_384],
    ['qcow2', 'extended_l2=on,cluster_size=128k,compression_type=zstd', 131_072],
    ['qcow2', 'cluster_size=2M', 2 * MiB],
  ])('holds what QEMU reads from it: %s %s', (format, options, cluster) => {
    for (const seed of format === 'qcow2' ? [1, 2] : [1]) {
      const random = sequence(seed * 7919 + options.length);
      run('qemu-img', 'create', '-q', '-f', format, '-o', options, image, `${SIZE}`);
      for (let round = 0; round < 2; round++) {
        const unmap = format === 'qcow2' ? ['-d', 'unmap'] : [];
        const commands = [
          ...(cluster && round === 0 ? compressedWrites(random, cluster) : []),
          ...writes(random, !options.includes('0.10')),
        ];
        run('qemu-io', ...unmap, '-f', format, ...commands.flatMap((command) => ['-c', command]), image);
        // From then on clusters are copied when they are written.
        if (format === 'qcow2' && round === 0) run('qemu-img', 'snapshot', '-c', 'first', image);
      }
      run('qemu-img', 'convert', '-f', format, '-O', 'raw', image, raw);
      const content = readFileSync(raw);
      const file = new FileDevice(image);
      try {
        const { container, disk } = openContainer(pageCache(file, 2 * MiB), nodeCodecs);
        expect(container).toMatchObject(format === 'qcow2' ? { snapshots: 1, problems: [] } : { problems: [] });
        expectSame(disk.read(0, disk.size), content);
        expectContent(disk, content, seed);
      } finally {
        file.close();
      }
    }
  });
});
