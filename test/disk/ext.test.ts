import { join } from 'node:path';
import { beforeAll, expect, jest, test } from '@jest/globals';
import { DirectoryTree } from '../../src/host/directory.ts';
import { blank, openExt } from './ext-image.ts';
import { buildHurtfulTree } from './hurtful-tree.ts';
import { manifestOf } from './manifest.ts';
import { describeWith, run, workFolder } from './tools.ts';

jest.setTimeout(120_000);

const mkfs = { program: 'mkfs.ext4', package: 'e2fsprogs' };
const ignored = { except: ['/lost+found'] };
/** Reaches into the trebly indirect blocks of 1 KiB; hashing its hole takes longer than all the rest. */
const large = '/sparse';

function dumpedFeatures(image: string): string {
  return /^Filesystem features: +(.*)$/m.exec(run('dumpe2fs', '-h', image))?.[1]?.trim() ?? '';
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
    ['ext4', '-O ea_inode,orphan_file,fast_commit,stable_inodes,verity,encrypt'],
    ['ext4', '-O casefold -E encoding=utf8'],
    ['ext4', '-O mmp,^has_journal -b 1024'],
    ['ext3', ''],
    ['ext3', '-b 1024 -I 128'],
    ['ext2', '-b 1024'],
    ['ext2', '-I 128'],
    ['ext2', '-r 0 -b 1024'],
  ])('%s %s', (type, options) => {
    const image = join(folder, 'image');
    blank(image, 320);
    run(`mkfs.${type}`, '-q', '-F', '-L', 'a label', ...options.split(' ').filter(Boolean), '-d', source, image);
    const fileSystem = openExt(image);
    // With inline data mke2fs forgets the hole at a file's end; those of the kernel are compared in ext-kernel.test.ts.
    const except = options.includes('inline_data') ? /^\/(?:times\/[24]\d{9}|hole-at-end|holes|sparse)$/ : lateTimes;
    const isMapped = type !== 'ext4' || options === '' || options.includes('^extent');
    const skipped = isMapped ? ignored.except : [...ignored.except, large];
    const wanted = isMapped ? expected : without(/^\/sparse$/, expected);
    expect(without(except, manifestOf(fileSystem.tree, { except: skipped }))).toEqual(without(except, wanted));
    expect(fileSystem).toMatchObject({ type, label: 'a label', state: { kind: 'clean' }, complaints: [] });
    expect(fileSystem.features.join(' ')).toBe(dumpedFeatures(image).replace('(none)', ''));
    expect(fileSystem.uuid).toBe(run('blkid', '-p', '-s', 'UUID', '-o', 'value', image).trim());
    expect(run('blkid', '-p', '-s', 'TYPE', '-o', 'value', image).trim()).toBe(type);
  });
});

/** mke2fs 1.47.0 writes no times beyond 2038; those of the kernel are compared in ext-kernel.test.ts. */
const lateTimes = /^\/times\/[24]\d{9}$/;

function without(paths: RegExp, manifest: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(manifest).filter(([path]) => !paths.test(path)));
}
