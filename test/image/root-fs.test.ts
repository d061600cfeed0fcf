import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DirectoryTree } from '../../src/host/directory.ts';
import { CouldNotRead } from '../../src/image/could-not-read.ts';
import { limits } from '../../src/image/limits.ts';
import type { RootFs } from '../../src/image/root-fs.ts';
import { TreeRootFs } from '../../src/image/tree-root-fs.ts';
import { materialize } from '../../src/testing/materialize.ts';
import { memoryTree, type Tree } from '../../src/testing/tree.ts';

const tree: Tree = {
  '/bin': { link: 'usr/bin' },
  '/usr/bin/dash': '#!',
  '/usr/bin/sh': { link: 'dash' },
  '/etc/os-release': { link: '../usr/lib/os-release' },
  '/usr/lib/os-release': 'ID=debian\n',
  '/etc/absolute': { link: '/usr/lib/os-release' },
  '/etc/escape': { link: '../../../../../../etc/inside' },
  '/etc/inside': 'inside the image\n',
  '/etc/chain-1': { link: 'chain-2' },
  '/etc/chain-2': { link: '/etc/chain-3' },
  '/etc/chain-3': { link: 'inside' },
  '/etc/dangling': { link: 'nowhere' },
  '/etc/loop-a': { link: 'loop-b' },
  '/etc/loop-b': { link: 'loop-a' },
  '/etc/self': { link: 'self' },
  '/etc/through-file': { link: 'inside/below' },
  '/etc/empty': '',
  '/etc/bytes': { base64: 'AAECAwQFBgcICQ==' },
  '/etc/latin1': { base64: 'Z3L832U=' },
  '/etc/bom': '\uFEFFa=1\n',
  '/opt/empty': { dir: true },
  '/opt/a/b/c': 'deep',
  '/opt/Z': 'upper',
};

const scratch = mkdtempSync(join(tmpdir(), 'vhd-preflight-'));
const onDisk = join(scratch, 'root');

beforeAll(() => {
  mkdirSync(onDisk);
  materialize(tree, onDisk);
  // A decoy where a naive reader would end up: the host path that `../../..` or an absolute link would name.
  writeFileSync(join(scratch, 'inside'), 'OUTSIDE THE IMAGE\n');
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const implementations: [string, () => RootFs][] = [
  ['memory', () => new TreeRootFs(memoryTree(tree))],
  ['directory', () => new TreeRootFs(new DirectoryTree(onDisk))],
];

describe.each(implementations)('%s', (_name, open) => {
  test.each([
    ['/etc/os-release', '/usr/lib/os-release'],
    ['/etc/absolute', '/usr/lib/os-release'],
    ['/etc/escape', '/etc/inside'],
    ['/etc/chain-1', '/etc/inside'],
    ['/bin/sh', '/usr/bin/dash'],
    ['/../../etc/./inside', '/etc/inside'],
    ['//etc//inside/', '/etc/inside'],
    ['/bin/../lib/os-release', '/usr/lib/os-release'],
    ['/', '/'],
  ])('%s resolves to %s inside the root', (path, real) => {
    expect(open().realPath(path)).toBe(real);
  });

  test.each(['/etc/dangling', '/etc/through-file', '/etc/inside/below', '/nothing/at/all'])('%s is absent', (path) => {
    const root = open();
    expect([root.stat(path), root.readText(path), root.readDir(path), root.realPath(path)]).toEqual(
      Array(4).fill(undefined),
    );
  });

  test.each(['/etc/loop-a', '/etc/self'])('%s is a loop, named as such', (path) => {
    expect(() => open().readText(path)).toThrow(
      new CouldNotRead(path, 'too many levels of symbolic links (limit linksPerPath, 40)'),
    );
  });

  test('a link in the last place is described by lstat and readLink only', () => {
    const root = open();
    expect(root.lstat('/etc/dangling')?.type).toBe('symlink');
    expect(root.readLink('/etc/dangling')).toBe('nowhere');
    expect(root.readLink('/etc/inside')).toBeUndefined();
    expect(root.stat('/etc/escape')?.type).toBe('file');
  });

  test('a directory in place of a file, and the reverse, is an error and not an absence', () => {
    expect(() => open().readText('/etc')).toThrow('/etc: is a directory, expected a regular file');
    expect(() => open().readDir('/etc/inside')).toThrow('/etc/inside: is a regular file, expected a directory');
  });

  test('entries come sorted by code point, with the type of the link itself', () => {
    expect(open().readDir('/opt')).toEqual([
      { name: 'Z', type: 'file' },
      { name: 'a', type: 'directory' },
      { name: 'empty', type: 'directory' },
    ]);
    expect(open().readDir('/opt/empty')).toEqual([]);
    expect(open().readDir('/etc')).toContainEqual({ name: 'absolute', type: 'symlink' });
  });

  test('ranges are cut at the end of the file', () => {
    const root = open();
    expect([...(root.readBytes('/etc/bytes', 2, 3) ?? [])]).toEqual([2, 3, 4]);
    expect([...(root.readBytes('/etc/bytes', 8, 100) ?? [])]).toEqual([8, 9]);
    expect(root.readBytes('/etc/bytes', 50, 1)).toHaveLength(0);
  });

  test('text keeps a byte order mark and replaces what is not UTF-8', () => {
    expect(open().readText('/etc/bom')).toBe('\uFEFFa=1\n');
    expect(open().readText('/etc/latin1')).toBe('gr\uFFFD\uFFFDe');
    expect(open().readText('/etc/empty')).toBe('');
  });

  test('a walk is depth first, sorted, and does not follow links', () => {
    expect([...open().walk('/opt')].map(({ path }) => path)).toEqual([
      '/opt/Z',
      '/opt/a',
      '/opt/empty',
      '/opt/a/b',
      '/opt/a/b/c',
    ]);
    expect([...open().walk('/opt', { maxDepth: 1 })].map(({ path }) => path)).toEqual([
      '/opt/Z',
      '/opt/a',
      '/opt/empty',
    ]);
    expect([...open().walk('/opt', { enter: () => false })]).toHaveLength(3);
    expect([...open().walk('/nothing')]).toEqual([]);
  });

  test('what was read is counted once a file, in bytes', () => {
    const root = open();
    root.readText('/etc/os-release');
    root.readText('/usr/lib/os-release');
    root.readBytes('/etc/bytes', 0, 4);
    root.readDir('/etc');
    expect(root.usage).toEqual({ filesRead: 2, bytesRead: 24 });
  });
});

describe('caps', () => {
  test('a file beyond the read limit names the limit', () => {
    const huge = memoryTree({ '/etc/huge': 'x' });
    const node = huge.lookup(huge.root, 'etc')?.children?.get('huge');
    if (!node) throw new Error('the tree lacks its file');
    huge.add('/etc/huge', { ...node, status: { ...node.status, size: limits.bytesPerRead + 1 } });
    expect(() => new TreeRootFs(huge).readText('/etc/huge')).toThrow(/limit bytesPerRead/);
  });

  test('a walk that goes too deep names the limit', () => {
    const deep = `/d${'/d'.repeat(limits.walkDepth)}/f`;
    expect(() => [...new TreeRootFs(memoryTree({ [deep]: '' })).walk('/')]).toThrow(/limit walkDepth/);
  });

  test('a path beyond PATH_MAX names the limit', () => {
    expect(() => new TreeRootFs(memoryTree({})).stat(`/${'a'.repeat(limits.pathLength)}`)).toThrow(/limit pathLength/);
  });
});

describe('a volume that is not part of the target', () => {
  const root = new TreeRootFs(
    memoryTree({ '/usr': { dir: true }, '/lib': { link: 'usr/lib' } }),
    new Map([['/usr', 'lies elsewhere']]),
  );

  test.each(['/usr/lib/os-release', '/lib/systemd'])('%s is unreadable, not absent', (path) => {
    expect(() => root.stat(path)).toThrow(/lies elsewhere/);
  });

  test('the mount point itself is still there', () => {
    expect(root.stat('/usr')?.type).toBe('directory');
    expect(() => root.readDir('/usr')).toThrow('/usr: lies elsewhere');
  });
});

describe('special files on the host are never opened', () => {
  test('FIFO, device and socket', () => {
    const folder = join(scratch, 'special');
    mkdirSync(folder);
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    symlinkSync('/dev/zero', join(folder, 'device-link'));
    const root = new TreeRootFs(new DirectoryTree(folder));
    expect(() => root.readText('/fifo')).toThrow('/fifo: is a FIFO, expected a regular file');
    // The link leads to /dev/zero of the image, which has none.
    expect(root.readText('/device-link')).toBeUndefined();
  });

  test('names that are not UTF-8 survive', () => {
    const folder = join(scratch, 'names');
    mkdirSync(folder);
    execFileSync('bash', ['-c', 'printf latin > "$1"/$(printf "gr\\374n")', 'bash', folder]);
    const root = new TreeRootFs(new DirectoryTree(folder));
    expect(root.readDir('/')).toEqual([{ name: 'gr\uDCFCn', type: 'file' }]);
    expect(root.readText('/gr\uDCFCn')).toBe('latin');
  });
});
