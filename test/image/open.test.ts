import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeName, encodeName } from '../../src/files/names.ts';
import { DirectoryTree } from '../../src/host/directory.ts';
import { openTarget } from '../../src/host/open.ts';
import { notALinuxRoot } from '../../src/image/linux-root.ts';
import { missingVolumes } from '../../src/image/missing-volumes.ts';
import { TreeRootFs } from '../../src/image/tree-root-fs.ts';
import { memoryTree, type Tree } from '../../src/testing/tree.ts';

const rootOf = (tree: Tree) => new TreeRootFs(memoryTree(tree));
const scratch = mkdtempSync(join(tmpdir(), 'vhd-preflight-open-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('a Linux root is told by what it holds', () => {
  test.each<[string, Tree]>([
    ['os-release', { '/etc/os-release': 'ID=x\n' }],
    [
      'only /usr/lib/os-release, as on immutable systems',
      { '/usr/lib/os-release': 'ID=flatcar\n', '/etc': { dir: true } },
    ],
    ['a dangling os-release link, /usr being another volume', { '/etc/os-release': { link: '../usr/lib/os-release' } }],
    ['a legacy release file', { '/etc/redhat-release': 'CentOS release 6.10 (Final)\n' }],
    ['/etc and /usr without any release file', { '/etc/passwd': '', '/usr/bin/sh': '' }],
  ])('%s', (_name, tree) => {
    expect(notALinuxRoot(rootOf(tree))).toBeUndefined();
  });

  test.each<[string, Tree, RegExp]>([
    ['nothing at all', {}, /the directory is empty/],
    [
      'files of anything else',
      { '/README.md': '# x\n' },
      /looked for \/etc\/os-release, .* directories \/etc and \/usr/,
    ],
    ['the physical root of ostree', { '/ostree/repo/config': '', '/boot/a': '' }, /physical root of an ostree system/],
    ['a Windows volume', { '/Windows/System32/config/SYSTEM': '' }, /Windows system volume/],
    ['only one of the directories', { '/etc/passwd': '' }, /no Linux root file system/],
  ])('not by %s', (_name, tree, complaint) => {
    expect(notALinuxRoot(rootOf(tree))).toMatch(complaint);
  });
});

describe('openTarget', () => {
  test('names what is wrong with a target', async () => {
    const empty = join(scratch, 'empty');
    mkdirSync(empty);
    writeFileSync(join(scratch, 'file.vhd'), '');
    await expect(openTarget(join(scratch, 'none'))).rejects.toThrow(/none: no such file or directory$/);
    await expect(openTarget(empty)).rejects.toThrow(/empty: the directory is empty$/);
    await expect(openTarget(join(scratch, 'file.vhd'))).rejects.toThrow(/file\.vhd: file is empty$/);
    await expect(openTarget('/dev/null')).rejects.toThrow(
      '/dev/null: is neither a directory nor a file nor a block device',
    );
  });

  test('a link to a root, which the user named, is followed', async () => {
    mkdirSync(join(scratch, 'root', 'etc'), { recursive: true });
    writeFileSync(join(scratch, 'root', 'etc', 'os-release'), 'ID=debian\n');
    symlinkSync('root', join(scratch, 'link'));
    const { rootFs } = await openTarget(join(scratch, 'link'));
    expect(rootFs.readText('/etc/os-release')).toBe('ID=debian\n');
  });
});

test('a directory of the host is a mount point where another file system begins', () => {
  const host = new DirectoryTree('/');
  expect(['/proc', '/', '/proc/self', '/none'].map((path) => host.isMountPoint(path))).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

describe('volumes that fstab mounts and the target lacks', () => {
  const missing = (fstab: string, more: Tree = {}) => [
    ...missingVolumes(rootOf({ '/etc/fstab': fstab, ...more })).keys(),
  ];
  const empty = { dir: true } as const;

  test('an empty /usr and /boot are missing, a filled one is not', () => {
    const fstab =
      'UUID=1 / ext4 defaults 0 1\n/dev/rootvg/usrlv /usr xfs defaults 0 0\nUUID=2 /boot xfs defaults 0 0\n';
    expect(missing(fstab, { '/usr': empty, '/boot': empty })).toEqual(['/usr', '/boot']);
    expect(missing(fstab, { '/usr/bin/sh': '', '/boot': empty })).toEqual(['/boot']);
  });

  test('an empty one that the host has mounted is there', () => {
    const fstab = 'UUID=1 /home xfs defaults 0 0\nUUID=2 /srv xfs defaults 0 0\n';
    const rootFs = rootOf({ '/etc/fstab': fstab, '/home': empty, '/srv': empty });
    expect([...missingVolumes(rootFs, (path) => path === '/home').keys()]).toEqual(['/srv']);
  });

  test.each([
    ['tmpfs', 'tmpfs /tmp tmpfs defaults 0 0\n'],
    ['the DVD', '/dev/sr0 /tmp iso9660 ro 0 0\n'],
    ["Azure's temporary disk", '/dev/disk/cloud/azure_resource-part1 /tmp auto nofail,comment=cloudconfig 0 2\n'],
    ['noauto', 'UUID=3 /tmp ext4 noauto 0 0\n'],
    ['swap', 'UUID=4 none swap sw 0 0\n'],
    ['a mount point that does not exist yet', 'UUID=5 /data xfs defaults 0 0\n'],
  ])('%s is no missing volume', (_name, fstab) => {
    expect(missing(fstab, { '/tmp': empty })).toEqual([]);
  });
});

test('names of any bytes survive decoding', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
      expect([...encodeName(decodeName(bytes))]).toEqual([...bytes]);
    }),
    { numRuns: 500, seed: 1 },
  );
  expect(decodeName(Uint8Array.of(0x67, 0xfc, 0x6e))).toBe('g\uDCFCn');
  expect(decodeName(new TextEncoder().encode('grün'))).toBe('grün');
});
