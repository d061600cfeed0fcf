import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it, jest, test } from '@jest/globals';
import { ext } from '../../src/disk/filesystems/ext/format.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { DirectoryTree } from '../../src/host/directory.ts';
import { FileDevice } from '../../src/host/file-device.ts';
import { buildHurtfulTree } from './hurtful-tree.ts';
import { manifestOf } from './manifest.ts';
import { mounted } from './mounted.ts';
import { describeWith, run, workFolder } from './tools.ts';

jest.setTimeout(120_000);

const mkfs = { program: 'mkfs.ext4', package: 'e2fsprogs' };
const ignored = { except: ['/lost+found'] };

function open(image: string) {
  const device = new FileDevice(image);
  expect(ext.recognises(device)).toBe(true);
  return ext.open(device, nodeCodecs);
}

describeWith([mkfs, 'root'], 'ext2, ext3 and ext4 as mkfs fills them from a folder', () => {
  const folder = workFolder();
  const source = join(folder, 'source');
  let expected: Record<string, string>;
  beforeAll(() => {
    // mke2fs writes no link that does not fit into one block with its NUL.
    buildHurtfulTree(source, { entries: 300, longestLink: 1000 });
    expected = manifestOf(new DirectoryTree(source), ignored);
  });

  test.each([
    ['ext4', ''],
    ['ext4', '-b 1024'],
    ['ext4', '-b 2048 -I 512'],
    ['ext4', '-O ^64bit'],
    ['ext4', '-O ^metadata_csum'],
    ['ext4', '-O ^metadata_csum,uninit_bg'],
    ['ext4', '-O inline_data'],
    ['ext4', '-b 1024 -O inline_data -I 1024'],
    ['ext4', '-O bigalloc -C 16384'],
    ['ext4', '-b 1024 -O bigalloc -C 8192'],
    ['ext4', '-O meta_bg,^resize_inode'],
    ['ext4', '-b 1024 -g 1024 -O meta_bg,^resize_inode,^flex_bg'],
    ['ext4', '-O sparse_super2,^resize_inode -b 1024'],
    ['ext4', '-O ^extent,^64bit'],
    ['ext4', '-O ^filetype'],
    ['ext4', '-O metadata_csum_seed,large_dir,quota,project'],
    ['ext3', ''],
    ['ext3', '-b 1024 -I 128'],
    ['ext2', '-b 1024'],
    ['ext2', '-I 128'],
  ])('%s %s', (type, options) => {
    const image = join(folder, 'image');
    run('truncate', '-s', '0', image);
    truncateSync(image, 320 * 1024 * 1024);
    run(`mkfs.${type}`, '-q', '-F', '-L', 'a label', ...options.split(' ').filter(Boolean), '-d', source, image);
    const fileSystem = open(image);
    // With inline data mke2fs forgets the hole at a file's end; those of the kernel are compared below.
    const except = options.includes('inline_data') ? /^\/(?:times\/[24]\d{9}|hole-at-end|holes|sparse)$/ : lateTimes;
    expect(without(except, manifestOf(fileSystem.tree, ignored))).toEqual(without(except, expected));
    expect(fileSystem).toMatchObject({ type, label: 'a label', state: { kind: 'clean' }, complaints: [] });
    expect(fileSystem.uuid).toBe(run('blkid', '-p', '-s', 'UUID', '-o', 'value', image).trim());
    expect(run('blkid', '-p', '-s', 'TYPE', '-o', 'value', image).trim()).toBe(type);
  });
});

/** mke2fs 1.47.0 writes no times beyond 2038; those of the kernel are compared below. */
const lateTimes = /^\/times\/[24]\d{9}$/;

function without(paths: RegExp, manifest: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(manifest).filter(([path]) => !paths.test(path)));
}

describeWith([mkfs, 'loop'], 'ext4 as the kernel writes it', () => {
  const folder = workFolder();

  it('is read whole: hash trees of ten thousand names, fragments, deleted and preallocated files', () => {
    const image = join(folder, 'image');
    run('truncate', '-s', '512M', image);
    run('mkfs.ext4', '-q', '-F', '-b', '1024', '-O', 'inline_data', image);
    const expected = mounted(image, 'ext4', (top) => {
      buildHurtfulTree(join(top, 'tree'), { entries: 10_000, longestLink: 1000 });
      run('sh', '-c', `cd ${top}; for i in $(seq 400); do echo $i >>one; echo $i >>two; sync -d one two; done; rm two`);
      run('fallocate', '-l', '3M', join(top, 'preallocated'));
      run(
        'sh',
        '-c',
        `cd ${top}; for i in $(seq 0 2 600); do dd if=/dev/urandom of=scattered bs=1k count=1 seek=$i conv=notrunc status=none; done`,
      );
      run('setfattr', '-n', 'user.long', '-v', 'x'.repeat(900), join(top, 'one'));
      return manifestOf(new DirectoryTree(top), ignored);
    });
    expect(Object.keys(expected).length).toBeGreaterThan(6000);
    const fileSystem = open(image);
    expect(manifestOf(fileSystem.tree, ignored)).toEqual(expected);
    expect(fileSystem.state).toEqual({ kind: 'clean' });
  });
});
