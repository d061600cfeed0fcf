import { closeSync, mkdirSync, openSync, rmSync, symlinkSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it, jest, test } from '@jest/globals';
import type { FileTree } from '../../src/files/file-tree.ts';
import { DirectoryTree } from '../../src/host/directory.ts';
import { buildHurtfulTree, noise } from './hurtful-tree.ts';
import { manifestOf } from './manifest.ts';
import { mounted } from './mounted.ts';
import { describeWith, run, workFolder } from './tools.ts';
import { makeXfs, mkfsXfs, prototypeOf, withXfs } from './xfs-image.ts';

jest.setTimeout(120_000);

/** 300 MiB of zeros take their time, and are read once below. */
const withoutHuge = { except: ['/tree/sparse'] };

describeWith([mkfsXfs, 'loop'], 'XFS as the kernel writes it', () => {
  const folder = workFolder();
  const image = join(folder, 'image');

  test.each([
    [
      '',
      ['crc', 'lazy-count', 'attr2', 'projid32bit', 'finobt', 'reflink', 'inobtcount', 'ftype', 'sparse', 'bigtime'],
    ],
    ['-m bigtime=0,inobtcount=0', ['finobt', 'reflink', 'ftype', 'sparse']],
    ['-m finobt=0,reflink=0,inobtcount=0 -i sparse=0', ['ftype', 'bigtime']],
    ['-m rmapbt=1 -i nrext64=1', ['finobt', 'rmapbt', 'nrext64']],
    ['-b size=1024 -m rmapbt=1', ['rmapbt']],
    ['-b size=1024 -n size=16384', []],
    ['-b size=1024 -n size=65536 -i nrext64=1', ['nrext64']],
    ['-n size=8192 -i size=2048', []],
    ['-n size=65536 -i size=1024', []],
    ['-s size=4096 -l su=32k', []],
    ['-d agcount=9 -l size=16m --unsupported', []],
  ])('mkfs.xfs %s', (options, features) => {
    makeXfs(image, options);
    const expected = mounted(image, 'xfs', (top) => {
      buildHurtfulTree(join(top, 'tree'), { entries: 300, longestLink: 1023 });
      fragment(top);
      return manifestOf(new DirectoryTree(top), withoutHuge);
    });
    withXfs(image, (fileSystem) => {
      expect(manifestOf(fileSystem.tree, withoutHuge)).toEqual(expected);
      expect(fileSystem).toMatchObject({ type: 'xfs', label: 'a label', state: { kind: 'clean' }, complaints: [] });
      expect(fileSystem.features).toEqual(expect.arrayContaining(features));
      expect(fileSystem.uuid).toBe(run('blkid', '-p', '-s', 'UUID', '-o', 'value', image).trim());
    });
  });

  it('is read whole in 4 TiB: ten thousand names, and inode numbers beyond 32 bits', () => {
    makeXfs(image, '-l size=64m', 4 * 1024 * 1024);
    const expected = mounted(image, 'xfs', (top) => {
      buildHurtfulTree(join(top, 'tree'), { entries: 10_000, longestLink: 1023 });
      return manifestOf(new DirectoryTree(top));
    });
    expect(Object.keys(expected).length).toBeGreaterThan(6000);
    withXfs(image, (fileSystem) => {
      expect(manifestOf(fileSystem.tree)).toEqual(expected);
      expect(fileSystem.state).toEqual({ kind: 'clean' });
      const tree = fileSystem.tree as FileTree<number>; // Nodes are numbers of inodes.
      const below = tree.lookup(tree.root, 'tree') ?? 0;
      const inodes = [...tree.list(below)].map(({ name }) => tree.lookup(below, name) ?? 0);
      expect(Math.max(...inodes)).toBeGreaterThan(2 ** 32);
    });
  });
});

describeWith([mkfsXfs, 'root'], 'XFS of version 4, which mkfs.xfs fills from a list', () => {
  const folder = workFolder();
  const image = join(folder, 'image');
  const source = join(folder, 'source');
  let expected: Record<string, string>;
  beforeAll(() => {
    buildHurtfulTree(source, { entries: 800, longestLink: 1023, oddNames: false, sticky: false });
    rmSync(join(source, 'sparse'));
    // mkfs.xfs makes three files of three names of one.
    for (const name of ['links/two', 'three']) {
      rmSync(join(source, name));
      writeFileSync(join(source, name), 'no longer the same');
    }
    writeFileSync(join(folder, 'list'), prototypeOf(source));
    expected = manifestOf(new DirectoryTree(source), { without: ['mtime'] });
  });

  test.each([
    '-m crc=0',
    '-m crc=0 -n ftype=0 -i size=256',
    '-m crc=0 -b size=512 -i size=256,attr=1 -l version=1',
    '-m crc=0 -b size=1024 -n size=16384,ftype=0 -i projid32bit=0',
    '-m crc=0 -i size=2048 -l lazy-count=0',
  ])('mkfs.xfs %s', (options) => {
    makeXfs(image, `${options} -p ${folder}/list`);
    withXfs(image, (fileSystem) => {
      expect(manifestOf(fileSystem.tree, { without: ['mtime'] })).toEqual(expected);
      expect(fileSystem).toMatchObject({ label: 'a label', state: { kind: 'clean' }, complaints: [] });
      expect(fileSystem.features).not.toContain('crc');
      expect(fileSystem.features.includes('ftype')).toBe(!options.includes('ftype=0'));
      expect(fileSystem.uuid).toBe(run('blkid', '-p', '-s', 'UUID', '-o', 'value', image).trim());
    });
  });
});

/** Files whose extents need a tree of their own, one that was only reserved, and a directory that has lost its middle. */
function fragment(top: string): void {
  const scattered = openSync(join(top, 'scattered'), 'w');
  for (let block = 0; block < 600; block += 2) writeSync(scattered, noise(4096, block + 1), 0, 4096, block * 4096);
  closeSync(scattered);
  run('fallocate', '-l', '3M', join(top, 'reserved'));
  writeFileSync(join(top, 'reserved'), 'written over', { flag: 'r+' });
  mkdirSync(join(top, 'thinned'));
  const name = (index: number) => join(top, 'thinned', `${index}-${'n'.repeat(100)}`);
  for (let index = 0; index < 400; index++) symlinkSync(`${index}`, name(index));
  for (let index = 50; index < 350; index++) unlinkSync(name(index));
}
