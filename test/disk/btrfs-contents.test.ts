import {
  appendFileSync,
  closeSync,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { btrfs } from '../../src/disk/filesystems/btrfs/format.ts';
import type { FileTree } from '../../src/files/file-tree.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { makeBtrfs, mountedBtrfs, mountedManifest, whileMounted, withBtrfs } from './btrfs-image.ts';
import { noise } from './hurtful-tree.ts';
import { manifestOf } from './manifest.ts';
import { memoryDisk } from './memory-disk.ts';
import { describeWith, run, workFolder } from './tools.ts';

describeWith(mountedBtrfs, 'a file of btrfs', () => {
  const folder = workFolder();
  const at = (name: string) => join(folder, name);

  function overwriteAtRandom(path: string, size: number, times: number): void {
    const descriptor = openSync(path, 'r+');
    for (let index = 0; index < times; index++) {
      const place = (index * 7_368_787) % size;
      writeSync(descriptor, noise(3 + ((index * 977) % 9000), index + 1), 0, undefined, place);
      if (index % 8 === 0) fsyncSync(descriptor);
    }
    closeSync(descriptor);
  }

  function buildOddFiles(point: string): void {
    const file = (name: string) => join(point, name);
    run('fallocate', '-l', '5MiB', file('preallocated'));
    run('fallocate', '-l', '1MiB', file('half-written'));
    overwriteAtRandom(file('half-written'), 900_000, 12);
    writeFileSync(file('text'), 'all lines are the same\n'.repeat(60_000));
    run('cp', '--reflink=always', file('text'), file('shared'));
    overwriteAtRandom(file('shared'), 1_300_000, 40);
    run('cp', '--reflink=always', file('shared'), file('punched'));
    for (const offset of [0, 131_072, 200_704, 700_000])
      run('fallocate', '-p', '-o', `${offset}`, '-l', '61440', file('punched'));
    writeFileSync(file('fragmented'), noise(3_000_000, 5));
    overwriteAtRandom(file('fragmented'), 2_990_000, 120);
    writeFileSync(file('inline'), 'i'.repeat(1900));
    appendFileSync(file('inline'), 'then longer');
    writeFileSync(file('grown'), 'short');
    truncateSync(file('grown'), 3_000_000);
    writeFileSync(file('cut'), 'c'.repeat(300_000));
    truncateSync(file('cut'), 133_337);
    writeFileSync(file('cut-inline'), 'c'.repeat(1500));
    truncateSync(file('cut-inline'), 700);
    writeFileSync(file('without-checksums'), '');
    run('chattr', '+C', file('without-checksums'));
    writeFileSync(file('without-checksums'), noise(200_000));
    mkdirSync(file('recompressed'));
    for (const kind of ['zlib', 'lzo', 'zstd']) {
      copyFileSync(file('text'), file(`recompressed/${kind}`));
      run('btrfs', 'filesystem', 'defragment', '-f', `-c${kind}`, file(`recompressed/${kind}`));
    }
  }

  test.each([
    ['uncompressed', [], ''],
    ['compressed by zlib', [], 'compress-force=zlib'],
    ['compressed by LZO', [], 'compress-force=lzo'],
    ['compressed by Zstandard', [], 'compress-force=zstd'],
    ['uncompressed with explicit holes', ['-O', '^no-holes'], ''],
  ])('reads the same however it came about, %s', (_name, options, mountOptions) => {
    const image = makeBtrfs(at('odd.img'), options);
    whileMounted([image], mountOptions, buildOddFiles);
    const expected = whileMounted([image], 'ro', mountedManifest);
    withBtrfs(image, ({ tree }) => {
      expect(manifestOf(tree)).toEqual(expected);
      expectRanges(tree, 'punched');
      expectRanges(tree, 'half-written');
    });
  });

  /** Whatever range is asked for is that part of the whole. */
  function expectRanges<Node>(tree: FileTree<Node>, name: string): void {
    const node = tree.lookup(tree.root, name);
    if (node === undefined) throw new Error(`${name} is missing`);
    const { size } = tree.status(node);
    const whole = Buffer.from(tree.read(node, 0, size));
    for (let index = 0; index < 60; index++) {
      const offset = (index * 37_813) % size;
      const length = (index * 7919) % 150_000;
      const part = tree.read(node, offset, length);
      expect(whole.subarray(offset, offset + length).equals(part)).toBe(true);
    }
    expect(tree.read(node, size, 10)).toHaveLength(0);
    expect(tree.read(node, size - 3, 10)).toHaveLength(3);
  }

  test('of a mirror is read from one device alone, with a word about the other', () => {
    const images = [makeBtrfs(at('one.img')), makeBtrfs(at('two.img'))];
    const loops = images.map((image) => run('losetup', '-f', '--show', image).trim());
    try {
      run('mkfs.btrfs', '-q', '-f', '-m', 'raid1', '-d', 'raid1', ...loops);
    } finally {
      for (const loop of loops) run('losetup', '-d', loop);
      run('btrfs', 'device', 'scan', '--forget');
    }
    whileMounted(images, '', buildOddFiles);
    const expected = whileMounted(images, '', mountedManifest);
    for (const image of images)
      withBtrfs(image, ({ tree, complaints }) => {
        expect(manifestOf(tree)).toEqual(expected);
        expect(complaints).toEqual(['it spans 2 devices and this is one of them; a mount needs them all']);
      });
  });

  test('that is kept twice is read from whichever copy of a sector is good', () => {
    const image = makeBtrfs(at('twice.img'), ['-m', 'dup', '-d', 'dup']);
    whileMounted([image], '', (point) => {
      writeFileSync(join(point, 'noise'), noise(700_000));
      for (let index = 0; index < 300; index++) writeFileSync(join(point, `entry-${index}`), `${index}`);
    });
    const bytes = readFileSync(image);
    const disk = memoryDisk(bytes);
    /** Reads everything; gives the manifest and the ranges beyond the superblock that were read. */
    const survey = () => {
      const reads = new Map<number, number>();
      const manifest = manifestOf(
        btrfs.open(
          {
            size: disk.size,
            read: (offset, length) => {
              if (offset >= 1 << 20) reads.set(offset, length);
              return disk.read(offset, length);
            },
          },
          nodeCodecs,
        ).tree,
      );
      return { manifest, reads };
    };
    const before = survey();
    for (const offset of before.reads.keys()) bytes.fill(0x55, offset + 100, offset + 200);
    const after = survey();
    expect(after.manifest).toEqual(before.manifest);
    const seconds = [...after.reads].filter(([offset]) => !before.reads.has(offset));
    expect(seconds).toHaveLength(before.reads.size);
    const data = seconds.filter(([, length]) => length > 65_536);
    expect(data.length).toBeGreaterThan(0);
    for (const [offset] of data) bytes.fill(0x55, offset + 5000, offset + 5100);
    expect(survey().manifest).toEqual(before.manifest);
    for (const [offset] of data) bytes.fill(0x55, offset + 100, offset + 200);
    expect(survey).toThrow('does not match its checksum');
  });

  test('of a striped volume is not guessed at, while the mirrored metadata is read', () => {
    const images = [makeBtrfs(at('one.img')), makeBtrfs(at('two.img'))];
    const loops = images.map((image) => run('losetup', '-f', '--show', image).trim());
    try {
      run('mkfs.btrfs', '-q', '-f', '-m', 'raid1', '-d', 'raid0', ...loops);
    } finally {
      for (const loop of loops) run('losetup', '-d', loop);
      run('btrfs', 'device', 'scan', '--forget');
    }
    whileMounted(images, '', (point) => writeFileSync(join(point, 'file'), noise(400_000)));
    withBtrfs(images[0] ?? '', ({ tree }) => {
      const node = tree.lookup(tree.root, 'file');
      expect(tree.status(node).size).toBe(400_000);
      expect(() => tree.read(node, 0, 10)).toThrow(
        expect.objectContaining({
          kind: 'unsupported',
          message: expect.stringMatching(/is striped over 2 devices \(RAID0\)$/),
        }),
      );
    });
  });

  test('that was only fsynced makes the file system dirty', () => {
    const image = makeBtrfs(at('dirty.img'));
    const copy = at('copy.img');
    whileMounted([image], 'commit=300', (point) => {
      writeFileSync(join(point, 'committed'), 'yes');
      run('sync', '-f', point);
      const descriptor = openSync(join(point, 'logged'), 'w');
      writeSync(descriptor, 'only in the log');
      fsyncSync(descriptor);
      closeSync(descriptor);
      run('cp', '--sparse=always', image, copy);
    });
    withBtrfs(copy, ({ state, tree }) => {
      expect(state).toMatchObject({ kind: 'dirty', advice: expect.stringContaining('mount it once') });
      expect([...tree.list(tree.root)].map(({ name }) => name)).toEqual(['committed']);
    });
    const replayed = whileMounted([copy], '', mountedManifest);
    expect(Object.keys(replayed)).toContain('/logged');
    withBtrfs(copy, ({ state, tree }) => {
      expect(state).toEqual({ kind: 'clean' });
      expect(manifestOf(tree)).toEqual(replayed);
    });
  });

  test('is found under a UUID that was changed later', () => {
    const image = makeBtrfs(at('uuid.img'));
    whileMounted([image], '', (point) => writeFileSync(join(point, 'file'), 'same as before'));
    const manifest = withBtrfs(image, ({ tree }) => manifestOf(tree));
    run('btrfstune', '-M', '01234567-89ab-4cde-8f01-23456789abcd', image);
    withBtrfs(image, ({ tree, uuid, features }) => {
      expect(manifestOf(tree)).toEqual(manifest);
      expect(uuid).toBe('01234567-89ab-4cde-8f01-23456789abcd');
      expect(features).toContain('metadata_uuid');
    });
  });

  test('of a seed device is read, with a word about it', () => {
    const image = makeBtrfs(at('seed.img'));
    run('btrfstune', '-f', '-S', '1', image);
    withBtrfs(image, ({ complaints }) =>
      expect(complaints).toEqual(['it is a seed device, so it mounts read-only until another device is added']),
    );
  });
});
