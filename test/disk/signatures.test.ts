import { closeSync, mkdirSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { BlockDevice } from '../../src/disk/block-device.ts';
import { DiskError } from '../../src/disk/disk-error.ts';
import type { FileSystemFormat } from '../../src/disk/file-system.ts';
import { btrfs } from '../../src/disk/filesystems/btrfs/format.ts';
import { ext } from '../../src/disk/filesystems/ext/format.ts';
import { fat } from '../../src/disk/filesystems/fat/format.ts';
import { xfs } from '../../src/disk/filesystems/xfs/format.ts';
import type { VolumeContent } from '../../src/disk/volume.ts';
import { probeVolume } from '../../src/disk/volumes/probe.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { FileDevice } from '../../src/host/file-device.ts';
import { groupText, physicalVolume } from './lvm-bytes.ts';
import { memoryDisk, sequence, sparseDisk } from './memory-disk.ts';
import { type Specimen, specimens } from './signature-bytes.ts';
import { describeWith, type Requirement, run, workFolder } from './tools.ts';

/** Type, UUID and label, whatever the content is. */
interface Summary {
  readonly type: string;
  readonly uuid: string | undefined;
  readonly label: string | undefined;
}

function probe(device: BlockDevice, formats: readonly FileSystemFormat[] = []): VolumeContent {
  return probeVolume(device, formats, nodeCodecs);
}

function summary(content: VolumeContent): Summary {
  if (content.kind === 'foreign') return { type: content.type, uuid: content.uuid, label: content.label };
  if (content.kind === 'swap') return { type: 'swap', uuid: content.uuid, label: content.label };
  if (content.kind === 'file-system') {
    const { type, uuid, label } = content.fileSystem;
    return { type, uuid, label };
  }
  return { type: content.kind === 'physical-volume' ? 'LVM2_member' : content.kind, uuid: undefined, label: undefined };
}

describe('a volume', () => {
  test.each(Object.entries(specimens))('with %s is recognised', (_name, { type, size, pieces, uuid, label }) => {
    expect(summary(probe(sparseDisk(size, pieces)))).toEqual({ type, uuid, label });
  });

  test('of bcache or bcachefs is recognised', () => {
    const uuid = '01234567-89ab-4cde-8f01-23456789abcd';
    const id = Buffer.from(uuid.replaceAll('-', ''), 'hex');
    const bcache = Buffer.alloc(256);
    bcache.writeBigUInt64LE(8n, 8);
    Buffer.from('c68573f64e1a45ca8265f57f48ba6d81', 'hex').copy(bcache, 24);
    id.copy(bcache, 40);
    bcache.write('cached', 72);
    expect(summary(probe(sparseDisk(1 << 20, { 4096: bcache })))).toEqual({ type: 'bcache', uuid, label: 'cached' });
    const bcachefs = Buffer.alloc(256);
    Buffer.from('c68573f666ce90a9d96a60cf803df7ef', 'hex').copy(bcachefs, 24);
    id.copy(bcachefs, 56);
    bcachefs.write('many', 72);
    expect(summary(probe(sparseDisk(1 << 20, { 4096: bcachefs })))).toEqual({ type: 'bcachefs', uuid, label: 'many' });
  });

  test.each(Object.entries(specimens))('with a part of %s is read no further than it goes', (_name, { pieces }) => {
    for (const size of [0, 1, 512, 1024, 4096, 8192, 40_960, 65_536, 70_000, 1024 * 1024])
      expect(() => probe(sparseDisk(size, pieces))).not.toThrow();
  });

  test('of zeros or noise is unrecognised', () => {
    expect(probe(sparseDisk(1 << 30, {}))).toEqual({ kind: 'unrecognised' });
    const next = sequence(3);
    const noise = Uint8Array.from({ length: 300_000 }, () => next(256));
    expect(probe(memoryDisk(noise))).toEqual({ kind: 'unrecognised' });
  });

  test('that cannot be read is unreadable with the reason', () => {
    const problem = new DiskError('io', 'file', 'cannot be read (EIO)');
    const device: BlockDevice = {
      size: 1 << 20,
      read: () => {
        throw problem;
      },
    };
    expect(probe(device)).toEqual({ kind: 'unreadable', type: 'volume', problem });
  });

  test('with a damaged sum in its superblock is not taken for RAID or erofs', () => {
    for (const name of ['RAID 1.0', 'RAID 1.1', 'RAID 1.2', 'erofs']) {
      const { size, pieces } = specimens[name] as Specimen;
      const [[at = '', piece = Buffer.alloc(0)] = []] = Object.entries(pieces);
      const damaged = Buffer.from(piece);
      damaged[70] = (damaged[70] ?? 0) ^ 1;
      expect(probe(sparseDisk(size, { [at]: damaged }))).toEqual({ kind: 'unrecognised' });
    }
  });
});

describe('a volume with two signatures', () => {
  /** A format that looks for one byte of 0x42 at its place. */
  const format = (name: 'ext' | 'xfs' | 'btrfs' | 'vfat', at: number): FileSystemFormat => ({
    name,
    recognises: (device) => device.read(at, 1)[0] === 0x42,
    open: () => {
      throw new DiskError('unsupported', name, 'is a stand-in');
    },
  });
  const stands = [format('ext', 5000), format('xfs', 5001), format('btrfs', 66_000), format('vfat', 5003)];
  const mark = (at: number) => ({ [at]: Buffer.from([0x42]) });
  const typeOf = (pieces: Readonly<Record<number, Buffer>>, size = 8 * 1024 * 1024): string => {
    const content = probe(sparseDisk(size, pieces), stands);
    return 'type' in content ? content.type : content.kind;
  };
  const of = (name: string) => (specimens[name] as Specimen).pieces;
  const label = { 0: physicalVolume(groupText('')).subarray(0, 2048) };

  test.each<[string, Readonly<Record<number, Buffer>>, string]>([
    ['RAID at its end and LVM', { ...of('RAID 1.0'), ...label }, 'linux_raid_member'],
    ['LVM and an old ext', { ...label, ...mark(5000) }, 'physical-volume'],
    ['LVM and old swap', { ...label, 4086: Buffer.from('SWAPSPACE2') }, 'physical-volume'],
    ['LUKS in its backup and ext', { ...of('the backup header of LUKS2'), ...mark(5000) }, 'ext'],
    ['FAT and swap', { ...of('swap of 4 KiB pages'), ...mark(5003) }, 'vfat'],
    ['swap and XFS', { ...of('swap of 4 KiB pages'), ...mark(5001) }, 'swap'],
    ['XFS and ext', { ...mark(5000), ...mark(5001) }, 'xfs'],
    ['ext and btrfs', { ...mark(5000), ...mark(66_000) }, 'ext'],
    ['ext and ISO9660', { ...of('ISO9660'), ...mark(5000) }, 'ext'],
    ['ISO9660 and btrfs', { ...of('ISO9660'), ...mark(66_000) }, 'iso9660'],
    ['btrfs and erofs', { ...of('erofs'), ...mark(66_000) }, 'btrfs'],
  ])('%s is taken for what blkid names first', (_name, pieces, type) => {
    expect(typeOf(pieces, 8 * 1024 * 1024 + 3000)).toBe(type);
  });

  test('one of them a damaged label of LVM is the other; alone it is unreadable', () => {
    const damaged = { 0: Buffer.from(label[0]) };
    damaged[0][600] = 0xee;
    expect(typeOf({ ...damaged, ...mark(5000) })).toBe('ext');
    expect(typeOf(damaged)).toBe('LVM2_member');
  });
});

const folder = workFolder();

function byBlkid(path: string): Summary {
  const fields = new Map(
    run('blkid', '-p', '-d', '-o', 'export', path)
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1).replace(/\\(.)/g, '$1')]),
  );
  return { type: fields.get('TYPE') ?? '', uuid: fields.get('UUID'), label: fields.get('LABEL') };
}

function ours(path: string): Summary {
  const device = new FileDevice(path);
  try {
    return summary(probe(device, [ext, xfs, btrfs, fat]));
  } finally {
    device.close();
  }
}

function empty(name: string, size: number): string {
  const path = join(folder, name);
  rmSync(path, { force: true });
  writeFileSync(path, '');
  truncateSync(path, size);
  return path;
}

describeWith([{ program: 'blkid', package: 'util-linux' }], 'a made-up volume', () => {
  /** What util-linux 2.38 does not print yet. */
  const later: Readonly<Record<string, readonly (keyof Summary)[]>> = { BitLocker: ['uuid', 'label'] };

  test.each(Object.entries(specimens))('with %s is the same to blkid', (name, specimen) => {
    const path = empty('specimen', specimen.size);
    const descriptor = openSync(path, 'r+');
    for (const [at, piece] of Object.entries(specimen.pieces))
      writeSync(descriptor, piece, 0, piece.length, Number(at));
    closeSync(descriptor);
    const expected = byBlkid(path);
    const left = later[name]?.filter((field) => expected[field] === undefined) ?? [];
    const overlay = Object.fromEntries(left.map((field) => [field, specimen[field as 'uuid' | 'label']]));
    expect(ours(path)).toEqual({ ...expected, ...overlay });
  });
});

const blkid: Requirement = { program: 'blkid', package: 'util-linux' };

describeWith([blkid, { program: 'mkswap', package: 'util-linux' }], 'a swap area of mkswap', () => {
  test.each([4096, 8192, 16_384, 32_768, 65_536])('with pages of %i bytes is recognised as blkid does', (page) => {
    const path = empty('swap', 4 * 1024 * 1024);
    run('mkswap', '-q', '-p', `${page}`, '-L', 'Auslagerung ä', path);
    expect(ours(path)).toEqual(byBlkid(path));
    expect(ours(path)).toMatchObject({ type: 'swap', label: 'Auslagerung ä' });
  });
});

describeWith([blkid, { program: 'cryptsetup', package: 'cryptsetup-bin' }], 'a volume of cryptsetup', () => {
  const key = join(folder, 'key');

  test.each(['luks1', 'luks2'])('of type %s is recognised as blkid does', (type) => {
    writeFileSync(key, 'secret');
    const path = empty(type, 32 * 1024 * 1024);
    const cheap = ['--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000'];
    const label = type === 'luks2' ? ['--label', 'geheim'] : [];
    run('cryptsetup', 'luksFormat', '--batch-mode', '--type', type, ...cheap, ...label, path, key);
    expect(ours(path)).toEqual(byBlkid(path));
    expect(ours(path)).toMatchObject({ type: 'crypto_LUKS', uuid: run('cryptsetup', 'luksUUID', path).trim() });
  });

  test('of dm-verity is recognised as blkid does', () => {
    const path = empty('verity', 4 * 1024 * 1024);
    run('veritysetup', 'format', empty('data', 1024 * 1024), path);
    expect(ours(path)).toEqual(byBlkid(path));
    expect(ours(path).type).toBe('DM_verity_hash');
  });
});

describeWith(
  [blkid, { program: 'mksquashfs', package: 'squashfs-tools' }, { program: 'mkfs.erofs', package: 'erofs-utils' }],
  'a read-only file system',
  () => {
    test.each(['squashfs', 'erofs'])('of type %s is recognised as blkid does', (type) => {
      const tree = join(folder, 'tree');
      mkdirSync(tree, { recursive: true });
      writeFileSync(join(tree, 'file'), 'content');
      const path = join(folder, type);
      if (type === 'erofs') run('mkfs.erofs', path, tree);
      else run('mksquashfs', tree, path, '-quiet', '-noappend', '-no-progress');
      expect(ours(path)).toEqual(byBlkid(path));
      expect(ours(path).type).toBe(type);
    });
  },
);

describeWith(
  [
    blkid,
    { program: 'mkfs.ext4', package: 'e2fsprogs' },
    { program: 'mkfs.xfs', package: 'xfsprogs' },
    { program: 'mkfs.btrfs', package: 'btrfs-progs' },
    { program: 'mkfs.vfat', package: 'dosfstools' },
  ],
  'a file system',
  () => {
    test('made over another one is the one that blkid sees', () => {
      const makers = [
        ['mkfs.ext4', '-q', '-F', '-L', 'EXT'],
        ['mkfs.xfs', '-q', '-f', '-L', 'XFS'],
        ['mkfs.btrfs', '-q', '-f', '-L', 'BTRFS'],
        ['mkfs.vfat', '-I', '-n', 'FAT'],
        ['mkswap', '-q', '-f', '-L', 'SWAP'],
        ['mkfs.ext2', '-q', '-F', '-L', 'EXT2'],
      ] as const;
      const path = empty('over', 400 * 1024 * 1024);
      const next = sequence(8);
      const seen = new Set<string>();
      for (let round = 0; round < 10; round++) {
        const [program = '', ...options] = makers[(round + next(makers.length)) % makers.length] ?? [];
        run(program, ...options, path);
        expect({ program, ...ours(path) }).toEqual({ program, ...byBlkid(path) });
        seen.add(ours(path).type);
      }
      expect(seen.size).toBeGreaterThan(3);
    });
  },
);

describe('a damaged superblock', () => {
  test('of any kind gives no more than a DiskError', () => {
    const next = sequence(41);
    const all = Object.values(specimens);
    const outcomes = new Map<string, number>();
    for (let round = 0; round < 2000; round++) {
      const { size, pieces } = all[next(all.length)] as Specimen;
      const damaged = Object.fromEntries(
        Object.entries(pieces).map(([at, piece]) => {
          const bytes = Buffer.from(piece);
          for (let count = next(4); count > 0; count--)
            bytes[next(Math.min(bytes.length, 300))] = next(2) === 0 ? 0xff : next(256);
          return [at, bytes];
        }),
      );
      const { kind } = probe(sparseDisk(size, damaged));
      outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
    }
    expect(outcomes.get('foreign')).toBeGreaterThan(500);
    expect(outcomes.get('unrecognised')).toBeGreaterThan(50);
  });
});
