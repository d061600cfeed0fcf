import { copyFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { viewOf } from '../../src/disk/bytes.ts';
import { attemptDisk, DiskError } from '../../src/disk/disk-error.ts';
import { ext } from '../../src/disk/filesystems/ext/format.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { DirectoryTree } from '../../src/host/directory.ts';
import { manifestOf } from './manifest.ts';
import { memoryDisk, sequence } from './memory-disk.ts';
import { mounted } from './mounted.ts';
import { describeWith, run, workFolder } from './tools.ts';

jest.setTimeout(120_000);

const blockSize = 1024;
const mkfs = { program: 'mkfs.ext4', package: 'e2fsprogs' };
const debugfs = { program: 'debugfs', package: 'e2fsprogs' };

/** An image cut off with several transactions in its journal, one of them with revocations. */
function cutOff(image: string, copy: string, mkfsOptions: string, options: string): void {
  rmSync(image, { force: true });
  writeFileSync(image, '');
  truncateSync(image, 16 * 1024 * 1024);
  run('mkfs.ext4', '-q', '-F', '-b', `${blockSize}`, '-J', 'size=1', ...mkfsOptions.split(' ').filter(Boolean), image);
  mounted(
    image,
    'ext4',
    (top) => {
      const synchronise = () => run('sync', '-f', top);
      mkdirSync(join(top, 'gone'));
      for (let index = 0; index < 20; index++) mkdirSync(join(top, 'gone', `${index}`));
      synchronise();
      rmSync(join(top, 'gone'), { recursive: true });
      synchronise();
      for (let index = 0; index < 20; index++) {
        writeFileSync(join(top, `file${index}`), 'x'.repeat(index * 100));
        if (index % 4 === 0) synchronise();
      }
      copyFileSync(image, copy);
    },
    options,
  );
}

/** Blocks of the volume that the log fills; those that begin with the journal's magic apart. */
function logBlocks(image: string, bytes: Uint8Array): { heads: number[]; all: number[] } {
  const [, ...blocks] = run('debugfs', '-R', 'blocks <8>', image).trim().split(/\s+/).map(Number);
  const all = blocks.filter((block) =>
    bytes.subarray(block * blockSize, (block + 1) * blockSize).some((byte) => byte !== 0),
  );
  return { all, heads: all.filter((block) => viewOf(bytes).getUint32(block * blockSize) === 0xc03b3998) };
}

describeWith([mkfs, debugfs, 'loop'], 'a damaged journal', () => {
  const folder = workFolder();
  const [image, copy] = [join(folder, 'image'), join(folder, 'copy')];

  test.each([
    ['', 'rw'],
    ['-O ^metadata_csum', 'rw'],
    ['-O ^metadata_csum', 'rw,journal_checksum'],
    ['', 'rw,data=writeback,journal_async_commit'],
  ])('of mkfs.ext4 %s, mounted %s, is refused or replayed just as the kernel does it', (mkfsOptions, options) => {
    cutOff(image, copy, mkfsOptions, options);
    const original = new Uint8Array(readFileSync(copy));
    const { heads, all } = logBlocks(copy, original);
    expect(heads.length).toBeGreaterThan(10);
    for (let seed = 1; seed <= 7; seed++) {
      const random = sequence(seed * 7717 + 3);
      const isHead = random(3) > 0;
      const block = (isHead ? heads[random(heads.length)] : all[random(all.length)]) ?? 0;
      const at = block * blockSize + random(isHead ? 64 : blockSize);
      const mutant = original.slice();
      mutant[at] = (mutant[at] ?? 0) ^ (1 << random(8));
      const ours = attemptDisk(() => manifestOf(ext.open(memoryDisk(mutant), nodeCodecs).tree));
      writeFileSync(copy, mutant);
      const kernels = mountedOrRefused(copy);
      expect({ seed, found: ours instanceof DiskError ? 'refused' : ours }).toEqual({ seed, found: kernels });
    }
  });
});

function mountedOrRefused(image: string): Record<string, string> | 'refused' {
  try {
    return mounted(image, 'ext4', (top) => manifestOf(new DirectoryTree(top)), 'ro');
  } catch (error) {
    if (String(error).includes('Command failed: mount ')) return 'refused';
    throw error;
  }
}
