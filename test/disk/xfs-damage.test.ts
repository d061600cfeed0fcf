import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, jest, test } from '@jest/globals';
import { attemptDisk, DiskError } from '../../src/disk/disk-error.ts';
import { xfs } from '../../src/disk/filesystems/xfs/format.ts';
import { replayCheckpoints } from '../../src/disk/filesystems/xfs/log-replay.ts';
import { readSuperblock } from '../../src/disk/filesystems/xfs/superblock.ts';
import { diskLimits } from '../../src/disk/limits.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { manifestOf } from './manifest.ts';
import { memoryDisk } from './memory-disk.ts';
import { survey } from './survey.ts';
import { mutate, seal, targetsOf } from './xfs-mutants.ts';

jest.setTimeout(120_000);

const images = join(import.meta.dirname, '..', '..', 'fixtures', 'images');
const unpacked = new Map<string, Uint8Array>();
function golden(name: string): Uint8Array {
  const image = unpacked.get(name) ?? new Uint8Array(gunzipSync(readFileSync(join(images, `${name}.img.gz`))));
  unpacked.set(name, image);
  return image.slice();
}
const names = ['xfs-v4', 'xfs-v5', 'xfs-dirty'] as const;
const open = (image: Uint8Array) => xfs.open(memoryDisk(image), nodeCodecs);
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The image with its superblock changed and sealed again. */
function withSuperblock(name: (typeof names)[number], change: (view: DataView) => void): Uint8Array {
  const image = golden(name);
  change(viewOf(image));
  const [superblock] = targetsOf(image, false);
  if (superblock) seal(image, superblock);
  return image;
}

describe('small XFS images that any machine can read', () => {
  test.each(names)('%s holds what its builder wrote', (name) => {
    const wanted = readFileSync(join(images, `${name}.manifest`), 'utf8');
    const manifest = manifestOf(open(golden(name)).tree, { without: ['mtime', 'owner'] });
    const lines = Object.entries(manifest).map((entry) => entry.join(' '));
    expect(`${lines.join('\n')}\n`).toBe(wanted);
  });

  it('describes them', () => {
    const uuid = '5a5a5a5a-1111-2222-3333-444444444444';
    const size = 16 * 1024 * 1024;
    expect(open(golden('xfs-v4'))).toMatchObject({
      uuid,
      size,
      blockSize: 1024,
      label: undefined,
      state: { kind: 'clean' },
    });
    expect(open(golden('xfs-v4')).features).toEqual(['lazy-count', 'attr2', 'projid32bit']);
    expect(open(golden('xfs-v5'))).toMatchObject({ uuid, size, label: 'golden', state: { kind: 'clean' } });
    expect(open(golden('xfs-v5')).features).toContain('nrext64');
    expect(open(golden('xfs-dirty'))).toMatchObject({ blockSize: 4096, state: { kind: 'replayed' } });
  });
});

describe('an XFS superblock', () => {
  const incompat = 216;
  test.each([
    ['needsrepair', (view: DataView) => view.setUint32(incompat, view.getUint32(incompat) | 16), /needsrepair/],
    [
      'an unknown incompatible feature',
      (view: DataView) => view.setUint32(incompat, view.getUint32(incompat) | 0x200),
      /0x200/,
    ],
    ['the highest bit', (view: DataView) => view.setUint32(incompat, 0x80000000), /0x80000000/],
    ['version 6', (view: DataView) => view.setUint16(100, (view.getUint16(100) & ~15) | 6), /version 6/],
    ['names without case', (view: DataView) => view.setUint16(100, view.getUint16(100) | 0x4000), /ascii-ci/],
  ])('with %s is not supported', (_, change, reason) => {
    const image = withSuperblock('xfs-v5', change);
    expect(() => open(image)).toThrow(
      expect.objectContaining({ kind: 'unsupported', message: expect.stringMatching(reason) }),
    );
  });

  test.each([
    ['mkfs under way', (view: DataView) => view.setUint8(126, 1), /mkfs/],
    [
      'more blocks than the volume has',
      (view: DataView) => {
        view.setBigUint64(8, 16385n);
        view.setUint32(84, 16385);
        view.setUint8(124, 15);
      },
      /only 16777216 bytes/,
    ],
    ['blocks beyond 2^53', (view: DataView) => view.setBigUint64(8, 2n ** 60n), /larger than any disk/],
    ['two sizes of blocks', (view: DataView) => view.setUint8(120, 11), /1024 bytes and 2\^11/],
    ['no groups', (view: DataView) => view.setUint32(88, 0), /0 groups/],
  ])('with %s is corrupt', (_, change, reason) => {
    for (const name of ['xfs-v4', 'xfs-v5'] as const)
      expect(() => open(withSuperblock(name, change))).toThrow(
        expect.objectContaining({ kind: 'corrupt', message: expect.stringMatching(reason) }),
      );
  });

  it('with an unknown feature that only matters for writing, or known ones that change no file, is read', () => {
    const image = withSuperblock('xfs-v5', (view) => {
      view.setUint32(212, view.getUint32(212) | 0x8000);
      view.setUint32(incompat, view.getUint32(incompat) | 0x1c0);
    });
    const { tree, features } = open(image);
    expect(features).toEqual(expect.arrayContaining(['exchange', 'parent', 'metadir']));
    expect(manifestOf(tree)).toEqual(manifestOf(open(golden('xfs-v5')).tree));
  });

  it('keeps the UUID of its metadata when the visible one was changed', () => {
    const changed = withSuperblock('xfs-v5', (view) => {
      view.setUint32(incompat, view.getUint32(incompat) | 4);
      for (let index = 0; index < 16; index++) {
        view.setUint8(248 + index, view.getUint8(32 + index));
        view.setUint8(32 + index, 0x11);
      }
    });
    // The log has the visible one too, as xfs_admin writes it anew.
    expect(() => open(changed)).toThrow('belongs to another file system');
    for (const { offset, name } of targetsOf(changed, true))
      if (name === 'log') changed.fill(0x11, offset + 304, offset + 320);
    const fileSystem = open(changed);
    expect(fileSystem.uuid).toBe('11111111-1111-1111-1111-111111111111');
    expect(manifestOf(fileSystem.tree)).toEqual(manifestOf(open(golden('xfs-v5')).tree));
  });

  it('with a log on another device says that its state is unknown', () => {
    const image = withSuperblock('xfs-v5', (view) => view.setBigUint64(48, 0n));
    expect(open(image).state).toMatchObject({ kind: 'dirty', reason: expect.stringContaining('another device') });
  });

  it('that is marked read-only is complained of', () => {
    expect(open(withSuperblock('xfs-v5', (view) => view.setUint8(178, 1))).complaints).toHaveLength(1);
  });
});

describe('an XFS file', () => {
  it('of a real-time device is not supported, and the others are read', () => {
    const image = golden('xfs-v5');
    const { tree } = open(image);
    const number = Number(tree.lookup(tree.root, 'numbers'));
    const inode = targetsOf(image, false).find(
      ({ name, offset }) => name === 'inode' && viewOf(image).getBigUint64(offset + 152) === BigInt(number),
    );
    if (!inode) throw new Error('has no such inode');
    image[inode.offset + 91] = 1;
    seal(image, inode);
    const changed = open(image).tree;
    expect(() => changed.read(number, 0, 10)).toThrow(expect.objectContaining({ kind: 'unsupported' }));
    expect(changed.read(Number(changed.lookup(changed.root, 'hole')), 100_000, 10)).toEqual(
      Uint8Array.from(Buffer.from('end')),
    );
  });

  it('of version 4 is read through a tree of extents', () => {
    const image = golden('xfs-v4');
    const { tree } = open(image);
    const number = Number(tree.lookup(tree.root, 'numbers'));
    const before = tree.read(number, 0, 1 << 20);
    // The inode's only extent goes into a leaf at the volume's last block, cut in two, and its root takes the place.
    const view = viewOf(image);
    const offset =
      targetsOf(image, false).find(
        ({ offset: at, name }) => name === 'inode' && view.getBigUint64(at + 56) === BigInt(before.length),
      )?.offset ?? 0;
    const record = view.getBigUint64(offset + 108);
    const length = Number(record & 0x1fffffn);
    const start = record >> 21n;
    const leaf = 16383;
    view.setUint32(leaf * 1024, 0x424d4150);
    view.setUint16(leaf * 1024 + 6, 2);
    view.setBigUint64(leaf * 1024 + 24 + 8, (start << 21n) | 3n);
    view.setBigUint64(leaf * 1024 + 40, 3n << 9n);
    view.setBigUint64(leaf * 1024 + 48, ((start + 3n) << 21n) | BigInt(length - 3));
    const fork = image.subarray(offset + 100, offset + 256);
    fork.fill(0);
    image[offset + 82] = 0;
    image[offset + 5] = 3;
    view.setUint16(offset + 100, 1);
    view.setUint16(offset + 102, 1);
    view.setBigUint64(offset + 104 + 9 * 8, BigInt(leaf));
    const changed = open(image).tree;
    expect(changed.read(number, 0, 1 << 20)).toEqual(before);
    expect(changed.read(number, 2000, 3000)).toEqual(before.subarray(2000, 5000));
    // A leaf that claims another level.
    view.setUint16(leaf * 1024 + 4, 1);
    expect(() => open(image).tree.read(number, 0, 10)).toThrow('is at level 1, expected 0');
    view.setUint16(offset + 100, diskLimits.treeDepth + 1);
    expect(() => open(image).tree.read(number, 0, 10)).toThrow('has a tree of 9 levels (limit treeDepth)');
  });
});

/** How many of the mutants are noticed: by an error, or as dirty. */
function noticed(name: (typeof names)[number], kinds: readonly string[], count: number, isSealed: boolean): number {
  const image = golden(name);
  const targets = targetsOf(image, true).filter(({ name: kind }) => kinds.includes(kind));
  let complaining = 0;
  for (let seed = 1; seed <= count; seed++) {
    const undo = mutate(image, targets, seed, isSealed);
    const { complaints } = survey(xfs, memoryDisk(image));
    const opened = attemptDisk(() => open(image));
    if (complaints.length > 0 || opened instanceof DiskError || opened.state.kind === 'dirty') complaining += 1;
    undo();
  }
  expect(survey(xfs, memoryDisk(image)).complaints).toEqual([]);
  return complaining;
}

const metadata = ['superblock', 'inode', 'directory', 'tree', 'link'];

describe('a damaged XFS', () => {
  // Version 4 has no checksums, so most changes can only be seen as other contents.
  test.each([
    ['xfs-v4', metadata, 30],
    ['xfs-v5', metadata, 90],
    ['xfs-dirty', ['log'], 30],
  ] as const)('%s with bytes changed in %j ends in typed errors only', (name, kinds, least) => {
    expect(noticed(name, kinds, 100, false)).toBeGreaterThan(least);
  });

  test.each([
    ['xfs-v5', metadata, 30],
    ['xfs-dirty', ['log'], 30],
  ] as const)('%s with right checksums over wrong fields in %j ends in typed errors only', (name, kinds, least) => {
    expect(noticed(name, kinds, 150, true)).toBeGreaterThan(least);
  });

  test.each(names)('%s cut at any place ends in typed errors only', (name) => {
    const original = golden(name);
    for (const length of [0, 1, 511, 512, 4096, 70_000, original.length >> 1, original.length - 1]) {
      const cut = memoryDisk(original.slice(0, length));
      expect(() => xfs.recognises(cut)).not.toThrow();
      expect(() => xfs.open(cut, nodeCodecs)).toThrow(DiskError);
    }
  });

  it('notices every changed inode, directory, extent tree and link of version 5', () => {
    const image = golden('xfs-v5');
    const targets = targetsOf(image, false);
    expect(targets.length).toBeGreaterThan(130);
    for (const target of targets) {
      const at = target.offset + target.size - 1;
      image[at] = (image[at] ?? 0) ^ 1;
      expect(() => manifestOf(open(image).tree)).toThrow('wrong checksum');
      image[at] = (image[at] ?? 0) ^ 1;
    }
    expect(() => manifestOf(open(image).tree)).not.toThrow();
  });

  it('is dirty, and read without the log, when a record of the log is damaged', () => {
    const original = golden('xfs-dirty');
    for (const { name, offset } of targetsOf(original, true)) {
      if (name !== 'log') continue;
      const mutant = original.slice();
      mutant[offset + 700] = (mutant[offset + 700] ?? 0) ^ 1;
      const { state } = open(mutant);
      if (state.kind === 'replayed') continue;
      expect(state).toMatchObject({
        reason: expect.stringContaining('wrong checksum'),
        advice: expect.stringContaining('mount'),
      });
      return;
    }
    throw new Error('no record mattered');
  });
});

describe('what a log of XFS holds beside changes', () => {
  const superblock = readSuperblock(memoryDisk(golden('xfs-v5')));
  const region = (type: number, identifier = 1) => {
    const bytes = new Uint8Array(16);
    viewOf(bytes).setUint16(0, type, true);
    viewOf(bytes).setUint16(2, 1, true);
    viewOf(bytes).setBigUint64(8, BigInt(identifier), true);
    return bytes;
  };
  const replay = (...types: readonly number[]) =>
    replayCheckpoints(memoryDisk(golden('xfs-v5')), superblock, () => [
      { sequence: 1n, items: types.map((type) => [region(type)]) },
    ]);

  it('may be left to the next mount when it only concerns free space or attributes', () => {
    expect(replay(0x1236, 0x1240, 0x1242, 0x1246)).toMatchObject({ checkpoints: 1, items: 4 });
  });

  it('may not when files would read otherwise, unless it was completed', () => {
    expect(() => replay(0x1244)).toThrow('leaves extents of files to map to the next mount');
    expect(() => replay(0x1248)).toThrow('leaves contents of files to exchange to the next mount');
    expect(replay(0x1244, 0x1245, 0x1248, 0x1249).items).toBe(4);
  });

  it('is refused when it is of an unknown type, or in another order', () => {
    expect(() => replay(0x1250)).toThrow('has an item of type 0x1250');
    const disordered = [2n, 1n].map((sequence) => ({ sequence, items: [] }));
    expect(() => replayCheckpoints(memoryDisk(golden('xfs-v5')), superblock, () => disordered)).toThrow(
      'another order',
    );
  });

  it('is not replayed in version 4, which is dirty without the record of its unmount', () => {
    const image = golden('xfs-v4');
    const record = targetsOf(image, true).find(({ name }) => name === 'log');
    expect(open(image).state).toEqual({ kind: 'clean' });
    image[(record?.offset ?? 0) + 512 + 9] = 0;
    expect(open(image).state).toMatchObject({ kind: 'dirty', reason: expect.stringContaining('version 4') });
  });

  it('does not matter when it was never written', () => {
    const image = golden('xfs-v5');
    const view = viewOf(image);
    const start = view.getUint32(52) * 1024;
    image.fill(0, start, start + view.getUint32(96) * 1024);
    expect(open(image).state).toEqual({ kind: 'clean' });
  });
});
