import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { FileSystem } from '../../src/disk/file-system.ts';
import { fat } from '../../src/disk/filesystems/fat/format.ts';
import type { FileTree } from '../../src/files/file-tree.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { DirectoryTree } from '../../src/host/directory.ts';
import { FileDevice } from '../../src/host/file-device.ts';
import { TreeRootFs } from '../../src/image/tree-root-fs.ts';
import { buildFatTree, fill, makeFat, memoryDevice, mtools } from './fat-image.ts';
import { noise } from './hurtful-tree.ts';
import { manifestOf } from './manifest.ts';
import { describeWith, run, workFolder } from './tools.ts';

const work = workFolder();

function open(image: string): FileSystem {
  const device = new FileDevice(image);
  expect(fat.recognises(device)).toBe(true);
  return fat.open(device, nodeCodecs);
}

/** Directories get the time of the copy. */
function fileTimes<Node>(tree: FileTree<Node>): Record<string, number> {
  const root = new TreeRootFs(tree);
  const files = [...root.walk('/')].filter(({ status }) => status.type === 'file');
  return Object.fromEntries(files.map(({ path, status }) => [path, status.mtime]));
}

function blkid(image: string): Record<string, string> {
  const pairs = run('blkid', '-p', '-o', 'export', image).trim().split('\n');
  return Object.fromEntries(pairs.map((pair) => pair.replaceAll('\\', '').split(/=(.*)/s).slice(0, 2)));
}

const needed = [
  { program: 'mkfs.vfat', package: 'dosfstools' },
  { program: 'mcopy', package: 'mtools' },
  { program: 'blkid', package: 'util-linux' },
] as const;

describeWith(needed, 'a FAT that mkfs.vfat made and mtools filled', () => {
  const source = join(work, 'source');
  mkdirSync(source);
  buildFatTree(source, 40);
  const expected = manifestOf(new DirectoryTree(source), { without: ['owner', 'mode', 'mtime'] });
  const times = fileTimes(new DirectoryTree(source));

  test.each([
    ['FAT12', 7_000, ['-F', '12', '-s', '4']],
    ['FAT16', 30_000, ['-F', '16', '-s', '2']],
    ['FAT16', 32_000, ['-F', '16', '-s', '8', '-S', '512', '-r', '1024', '-f', '1']],
    ['FAT32', 70_000, ['-F', '32', '-s', '1', '-R', '64']],
    ['FAT16', 40_000, ['-F', '16', '-S', '4096', '-s', '1']],
    ['FAT32', 300_000, ['-F', '32', '-S', '4096', '-s', '1']],
  ] as const)('of type %s and %i KiB by %j shows every file as it was', (type, size, options) => {
    const image = join(work, `${type}-${size}`);
    makeFat(image, size, ...options, '-n', 'ESP LABEL', '-i', '0ABC12EF');
    fill(image, source);
    run('fsck.fat', '-n', image);
    const fileSystem = open(image);
    expect(manifestOf(fileSystem.tree, { without: ['owner', 'mode', 'mtime'] })).toEqual(expected);
    expect(fileTimes(fileSystem.tree)).toEqual(times);
    expect(fileSystem).toMatchObject({ type: 'vfat', features: [type], state: { kind: 'clean' }, complaints: [] });
    const { UUID, LABEL, BLOCK_SIZE, VERSION } = blkid(image);
    expect([UUID, LABEL, BLOCK_SIZE, VERSION]).toEqual(['0ABC-12EF', 'ESP LABEL', `${fileSystem.blockSize}`, type]);
    expect([fileSystem.uuid, fileSystem.label]).toEqual([UUID, LABEL]);
    expect(fileSystem.size).toBeLessThanOrEqual(size * 1024);
  });

  test('in pieces all over the disk reads back whole', () => {
    const image = join(work, 'pieces');
    const folder = join(work, 'pieces-source');
    makeFat(image, 8000, '-F', '16', '-s', '1');
    mkdirSync(folder);
    mkdirSync(join(folder, 'fillers'));
    for (let index = 0; index < 1000; index++) writeFileSync(join(folder, 'fillers', `filler ${index}`), noise(2000));
    fill(image, folder);
    mtools('mdel', image, '::/fillers/filler ?[02468]', '::/fillers/filler ??[02468]');
    const large = noise(900_000, 77);
    writeFileSync(join(work, 'large'), large);
    mtools('mcopy', image, join(work, 'large'), '::/large');
    run('fsck.fat', '-n', image);
    const { tree } = open(image);
    const node = tree.lookup(tree.root, 'large');
    expect(Buffer.from(tree.read(node, 0, 1_000_000)).equals(large)).toBe(true);
    for (const [offset, length] of [
      [511, 2],
      [512, 512],
      [123_456, 54_321],
      [899_999, 10],
      [900_000, 1],
    ] as const)
      expect(Buffer.from(tree.read(node, offset, length))).toEqual(large.subarray(offset, offset + length));
    const fillers = tree.lookup(tree.root, 'FILLERS') ?? tree.root;
    const left = [...tree.list(fillers)].map(({ name }) => Number(name.slice('filler '.length)));
    expect(left.sort((a, b) => a - b)).toEqual(
      Array.from({ length: 1000 }, (_, index) => index).filter((index) => index < 10 || index % 2 === 1),
    );
    expect(tree.lookup(fillers, 'filler 10')).toBeUndefined();
  });

  test('is found by names in any case, by short names and with dots behind them, as vfat does', () => {
    const { tree } = open(join(work, 'FAT32-70000'));
    const root = new TreeRootFs(tree);
    const names = root.readDir('/names')?.map(({ name }) => name) ?? [];
    expect(names).toEqual(expect.arrayContaining(['UPPER.TXT', 'lower.txt', 'UPPER.low', 'lower.UPP', 'Mixed.Txt']));
    expect(root.readText('/names/LOWER.TXT')).toBe('this is lower.txt');
    expect(root.readText('/NAMES/mixed.txt')).toBe('this is Mixed.Txt');
    expect(new Set(['1', '2'].map((number) => root.readText(`/names/LONGFI~${number}.TXT`)))).toEqual(
      new Set(['this is longfilename-1.txt', 'this is longfilename-2.txt']),
    );
    expect(root.readText('/names/noext...')).toBe('this is noext');
    expect(root.stat('/efi/boot/bootx64.efi')?.size).toBe(100_000);
    expect(root.stat('/names/ÜMLÄUT-€-Ж.TXT')).toBeUndefined();
    expect(root.stat('/names/absent')).toBeUndefined();
    expect(root.stat('/names/..')?.type).toBe('directory');
  });

  test('has the permissions of a mount without options, and none to write for read-only files', () => {
    const image = join(work, 'attributes');
    makeFat(image, 2000);
    writeFileSync(join(work, 'protected'), 'x');
    mtools('mcopy', image, join(work, 'protected'), '::/protected');
    mtools('mmd', image, '::/folder');
    mtools('mattrib', image, '+r', '+h', '+s', '::/protected');
    mtools('mattrib', image, '+r', '::/folder');
    const root = new TreeRootFs(open(image).tree);
    expect(root.stat('/protected')).toMatchObject({ type: 'file', mode: 0o555, uid: 0, gid: 0, size: 1 });
    expect(root.stat('/folder')).toMatchObject({ type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0 });
    expect(root.stat('/')).toMatchObject({ type: 'directory', mode: 0o755, mtime: 0 });
  });

  test('has the label of its root directory, not the one of its boot sector', () => {
    const image = join(work, 'labels');
    makeFat(image, 70_000, '-F', '32');
    expect(open(image).label).toBeUndefined();
    mtools('mlabel', image, '::REAL NAME');
    const bytes = readFileSync(image);
    bytes.write('BOOT SECTOR', 71);
    bytes.write('BOOT SECTOR', 6 * 512 + 71);
    writeFileSync(image, bytes);
    expect(blkid(image)['LABEL']).toBe('REAL NAME');
    expect(open(image)).toMatchObject({ label: 'REAL NAME', complaints: [] });
    mtools('mlabel', image, '-c', '::');
    bytes.set(readFileSync(image));
    bytes.write('BOOT SECTOR', 71);
    writeFileSync(image, bytes);
    expect(blkid(image)['LABEL']).toBeUndefined();
    expect(open(image).label).toBeUndefined();
  });

  test('of a gigabyte costs no more than the files asked for', () => {
    const image = join(work, 'large-esp');
    makeFat(image, 1_000_000, '-F', '32', '-s', '1');
    fill(image, source);
    const device = new FileDevice(image);
    const root = new TreeRootFs(fat.open(device, nodeCodecs).tree);
    expect(root.readBytes('/EFI/BOOT/BOOTX64.EFI')).toHaveLength(100_000);
    expect(device.usage.bytesRead).toBeLessThan(100_000 + 40_000);
  });

  test('that was partitioned afterwards is not taken for a FAT', () => {
    const image = join(work, 'partitioned');
    makeFat(image, 70_000, '-F', '32');
    const bytes = readFileSync(image);
    expect(fat.recognises(memoryDevice(bytes))).toBe(true);
    bytes.set([0x80, 0, 0, 0, 0x83, 0, 0, 0, 0, 8, 0, 0, 0, 0, 1, 0], 446);
    expect(fat.recognises(memoryDevice(bytes))).toBe(false);
    bytes.fill(0, 0, 446);
    expect(fat.recognises(memoryDevice(bytes))).toBe(false);
  });
});
