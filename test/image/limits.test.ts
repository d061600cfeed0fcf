import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { openContainer } from '../../src/disk/containers/open.ts';
import { btrfs } from '../../src/disk/filesystems/btrfs/format.ts';
import { openDisk } from '../../src/disk/open-disk.ts';
import { initramfs } from '../../src/facts/initramfs.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { composeRoot } from '../../src/image/compose.ts';
import { isCouldNotRead } from '../../src/image/could-not-read.ts';
import { limits } from '../../src/image/limits.ts';
import type { RootFs } from '../../src/image/root-fs.ts';
import { TreeRootFs } from '../../src/image/tree-root-fs.ts';
import { imageFrom } from '../../src/testing/image.ts';
import { readBaseTree } from '../../src/testing/rule-cases.ts';
import { memoryTree } from '../../src/testing/tree.ts';
import { memoryDisk } from '../disk/memory-disk.ts';

type Limit = keyof typeof limits;

/** Suites of this folder, and beside it, that reach a limit as it is. */
const elsewhere = {
  bytesPerRead: 'root-fs.test.ts',
  linksPerPath: 'root-fs.test.ts',
  pathLength: 'root-fs.test.ts',
  walkDepth: 'root-fs.test.ts',
  membersPerTar: 'tar-damage.test.ts',
  bytesPerTarHeader: 'tar-headers.test.ts',
  piecesPerTar: 'tar-damage.test.ts',
  bytesPerUnpackedTar: 'tar.test.ts',
  bytesPerInitramfs: '../facts/initramfs.test.ts',
} as const satisfies Partial<Record<Limit, string>>;

afterEach(() => {
  jest.restoreAllMocks();
});

/** Sets a limit for one test, as no small image reaches millions. */
function lower(limit: Limit, value: number): void {
  jest.replaceProperty(limits, limit, value);
}

const files = { '/etc/a': 'aaaa', '/etc/b': 'bbbb', '/etc/c': 'cccc' };

const readings: readonly (readonly [Limit, number, what: string, read: (rootFs: RootFs) => unknown])[] = [
  ['bytesPerImage', 10, 'three files', (rootFs) => Object.keys(files).map((path) => rootFs.readText(path))],
  ['entriesPerDirectory', 2, 'a directory', (rootFs) => rootFs.readDir('/etc')],
  ['entriesPerWalk', 3, 'a walk', (rootFs) => [...rootFs.walk('/')]],
];

describe('a limit ends the reading with its name', () => {
  test.each(readings)('%s, here %i, of %s', (limit, value, _what, read) => {
    expect(() => read(new TreeRootFs(memoryTree(files)))).not.toThrow();
    lower(limit, value);
    const rootFs = new TreeRootFs(memoryTree(files));
    expect(() => read(rootFs)).toThrow(
      expect.objectContaining({ code: 'COULD_NOT_READ', reason: expect.stringContaining(`limit ${limit}`) }),
    );
  });

  test.each([
    ['membersPerInitramfs', 2],
    ['keptPerInitramfs', 10],
  ] as const)('%s, here %i, of an initramfs', async (limit, value) => {
    const contentOf = async () => {
      const scan = imageFrom(readBaseTree('fixtures/roots', 'mixins/kernel-rhel-9'));
      return (await scan.get(initramfs))[0]?.content;
    };
    expect(isCouldNotRead(await contentOf())).toBe(false);
    lower(limit, value);
    expect(await contentOf()).toMatchObject({ code: 'COULD_NOT_READ', reason: expect.stringContaining(limit) });
  });

  test('subvolumesForRoot, here 0, of a btrfs without a root where it was looked for', () => {
    const path = join(import.meta.dirname, '..', '..', 'fixtures', 'images', 'btrfs-lzo.img.gz');
    const { container, disk: device } = openContainer(memoryDisk(gunzipSync(readFileSync(path))), nodeCodecs);
    const hidden = { ...btrfs, open: withoutRoot };
    const disk = () => openDisk(container, device, [hidden], nodeCodecs);
    expect(() => composeRoot(disk())).toThrow(/holds btrfs, but no Linux root$/);
    lower('subvolumesForRoot', 0);
    expect(() => composeRoot(disk())).toThrow('limit subvolumesForRoot');
  });
});

/** The btrfs with an empty tree in the place of each subvolume. */
function withoutRoot(...args: Parameters<typeof btrfs.open>): ReturnType<typeof btrfs.open> {
  const { subvolumes, ...fileSystem } = btrfs.open(...args);
  const tree = memoryTree({ '/none': 'x' });
  return {
    ...fileSystem,
    tree,
    ...(subvolumes && {
      subvolumes: { defaultId: subvolumes.defaultId, list: () => subvolumes.list(), tree: () => tree },
    }),
  };
}

test('every limit has a test that reaches it', () => {
  const here = ['membersPerInitramfs', 'keptPerInitramfs', 'subvolumesForRoot', ...readings.map(([limit]) => limit)];
  const named = Object.entries(elsewhere).filter(([limit, suite]) =>
    new RegExp(`\\b${limit}\\b`).test(readFileSync(join(import.meta.dirname, suite), 'utf8')),
  );
  expect([...here, ...named.map(([limit]) => limit)].sort()).toEqual(Object.keys(limits).sort());
});
