import { describe, expect, test } from '@jest/globals';
import { DiskError } from '../../src/disk/disk-error.ts';
import { TarTree } from '../../src/image/tar-tree.ts';
import { TreeRootFs } from '../../src/image/tree-root-fs.ts';
import { memoryDevice } from '../disk/fat-image.ts';
import { archive, member } from './tar-image.ts';

const treeOf = (...members: readonly Uint8Array[]) => new TarTree(memoryDevice(archive(...members)));
const rootOf = (...members: readonly Uint8Array[]) => new TreeRootFs(treeOf(...members));
const folder = (name: string) => member(name, { type: '5', mode: 0o755 });
const link = (name: string, linkTarget: string) => member(name, { type: '2', linkTarget });

describe('the root of a tar', () => {
  test.each(['./', '/', ''])('is the same with %j in front of names', (prefix) => {
    const root = rootOf(
      ...(prefix === '' ? [] : [member(prefix, { type: '5', mode: 0o700, uid: 3 })]),
      folder(`${prefix}etc/`),
      member(`${prefix}etc/passwd`, { content: 'root' }),
      member(`${prefix}a//b/./c`, { content: 'c' }),
    );
    expect(root.readText('/etc/passwd')).toBe('root');
    expect(root.readText('/a/b/c')).toBe('c');
    expect(root.stat('/')).toMatchObject(prefix === '' ? { mode: 0o755, uid: 0 } : { mode: 0o700, uid: 3 });
  });

  test('has no members with .. in their path', () => {
    const tree = treeOf(member('../outside', { content: 'x' }), member('a/../b', { content: 'x' }), member('good'));
    expect(tree.problems).toEqual([
      `"../outside" is not extracted: its path contains '..'`,
      `"a/../b" is not extracted: its path contains '..'`,
    ]);
    expect([...tree.list(tree.root)].map(({ name }) => name)).toEqual(['good']);
  });

  test('is never left by links in the paths of members', () => {
    const tree = treeOf(
      link('absolute', '/usr/lib'),
      link('above', '../../../usr'),
      link('loop', 'loop'),
      link('dangling', 'nowhere'),
      folder('usr/lib'),
      member('absolute/one', { content: '1' }),
      member('above/two', { content: '2' }),
      member('loop/three'),
      member('dangling/four'),
      member('absolute/one/five'),
    );
    const root = new TreeRootFs(tree);
    expect(root.readText('/usr/lib/one')).toBe('1');
    expect(root.readText('/usr/two')).toBe('2');
    expect(tree.problems).toEqual(
      ['loop/three', 'dangling/four', 'absolute/one/five'].map(
        (name) => `"${name}" is not extracted: its path leads through what is no directory`,
      ),
    );
    expect(root.lstat('/nowhere')).toBeUndefined();
  });

  test('has no members whose path or target no file system takes', () => {
    const long = 'd/'.repeat(2500);
    const tree = treeOf(
      member('L', { type: 'L', content: `${long}\0` }),
      member('cut'),
      member('K', { type: 'K', content: `${long}\0` }),
      link('link', 'cut'),
    );
    expect(tree.root.children?.size).toBe(0);
    expect(tree.problems).toEqual([
      expect.stringMatching(/^"d\/d.* its path is too long$/),
      '"link" is not extracted: its target is too long',
    ]);
  });

  test('has the last of several members of a name, and other names of the first', () => {
    const root = rootOf(
      member('file', { content: 'old' }),
      member('other', { type: '1', linkTarget: './file' }),
      member('file', { content: 'new', mode: 0o600 }),
      folder('etc'),
      member('etc/a', { content: 'a' }),
      member('etc', { type: '5', mode: 0o700 }),
    );
    expect([root.readText('/file'), root.readText('/other')]).toEqual(['new', 'old']);
    expect(root.readText('/etc/a')).toBe('a');
    expect(root.stat('/etc')?.mode).toBe(0o700);
  });

  test('says of a hard link to nothing that it cannot be read', () => {
    const tree = treeOf(member('a', { type: '1', linkTarget: 'absent' }), folder('d'), member('b', { content: 'b' }));
    const root = new TreeRootFs(tree);
    expect(root.readDir('/')?.map(({ name }) => name)).toEqual(['a', 'b', 'd']);
    expect(() => root.readText('/a')).toThrow(/^\/a: tar archive at byte 0 has a hard link to "absent"/);
    expect(root.readText('/b')).toBe('b');
    expect(tree.problems).toEqual(['"a" is a hard link to "absent", which is no file that stands before it']);
    expect(treeOf(folder('d'), member('a', { type: '1', linkTarget: 'd' })).problems).toHaveLength(1);
  });

  test('has hard links whose header has a size, whether content follows or not', () => {
    const content = 'x'.repeat(600);
    const file = member('file', { content });
    const bare = member('bare', { type: '1', linkTarget: 'file', size: 600 });
    const full = member('full', { type: '1', linkTarget: 'file', content });
    const alone = member('alone', { type: '1', linkTarget: 'absent', content });
    const root = rootOf(file, bare, full, alone, member('end', { content: 'end' }));
    for (const name of ['bare', 'full', 'alone']) expect(root.readText(`/${name}`)).toBe(content);
    expect(root.readText('/end')).toBe('end');
    expect(rootOf(file, bare).readText('/bare')).toBe(content);
  });

  test('keeps names that are not UTF-8', () => {
    const root = rootOf(member(Uint8Array.of(0x61, 0xff), { content: 'x' }));
    expect(root.readText('/a\udcff')).toBe('x');
  });

  test('says nothing about owners when all belong to one ordinary user', () => {
    expect(treeOf(member('a', { uid: 1000 }), member('b', { uid: 1000 })).ownersRecorded).toBe(false);
    expect(treeOf(member('a', { uid: 1000 }), member('b', { uid: 0 })).ownersRecorded).toBe(true);
    expect(treeOf(member('a', { uid: 0 })).ownersRecorded).toBe(true);
  });
});

describe('the image of a container is refused with advice:', () => {
  const refusal = (...names: readonly string[]) => {
    try {
      treeOf(...names.map((name) => member(name)));
      return undefined;
    } catch (error) {
      return error instanceof DiskError ? [error.kind, error.message, error.advice] : undefined;
    }
  };
  const advice = expect.stringContaining('docker export');

  test.each([
    ['docker save', ['abc/layer.tar', 'abc/json', 'manifest.json', 'repositories'], /container image \(docker save\)/],
    ['docker save of today', ['blobs/sha256/abc', 'manifest.json'], /container image \(docker save\)/],
    ['OCI layout', ['blobs/sha256/abc', 'index.json', 'oci-layout'], /container image \(OCI layout\)/],
    ['layer', ['etc/passwd', 'etc/.wh.shadow'], /one layer of a container image: "etc\/\.wh\.shadow" deletes/],
    ['opaque layer', ['.wh..wh..opq'], /one layer of a container image/],
  ])('%s', (_name, names, message) => {
    expect(refusal(...names)).toEqual(['unsupported', expect.stringMatching(message), advice]);
  });

  test('but not a root that has images of containers in it', () => {
    expect(refusal('etc/passwd', 'manifest.json', 'var/lib/docker/aufs/diff/1/.wh.file', 'a.wh.b')).toBeUndefined();
  });
});
