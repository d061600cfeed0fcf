import {
  appendFileSync,
  closeSync,
  fdatasyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it, jest } from '@jest/globals';
import { ext } from '../../src/disk/filesystems/ext/format.ts';
import { pageCache } from '../../src/disk/page-cache.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { DirectoryTree } from '../../src/host/directory.ts';
import { FileDevice } from '../../src/host/file-device.ts';
import { blank, caught, openExt } from './ext-image.ts';
import { buildHurtfulTree, noise } from './hurtful-tree.ts';
import { manifestOf } from './manifest.ts';
import { mounted } from './mounted.ts';
import { describeWith, run, workFolder } from './tools.ts';

jest.setTimeout(120_000);

const mkfs = { program: 'mkfs.ext4', package: 'e2fsprogs' };
const ignored = { except: ['/lost+found'] };

describeWith([mkfs, 'loop'], 'ext4 as the kernel writes it', () => {
  const folder = workFolder();

  it('is read whole: hash trees of ten thousand names, fragments, deleted and preallocated files', () => {
    const image = join(folder, 'image');
    blank(image, 512);
    run('mkfs.ext4', '-q', '-F', '-b', '1024', '-O', 'inline_data', image);
    const expected = mounted(image, 'ext4', (top) => {
      buildHurtfulTree(join(top, 'tree'), { entries: 10_000, longestLink: 1000 });
      interleave(join(top, 'one'), join(top, 'two'), 1000);
      unlinkSync(join(top, 'two'));
      run('fallocate', '-l', '3M', join(top, 'preallocated'));
      const scattered = openSync(join(top, 'scattered'), 'w');
      for (let block = 0; block < 3000; block += 2) writeSync(scattered, noise(1024, block + 1), 0, 1024, block * 1024);
      closeSync(scattered);
      run('setfattr', '-n', 'user.long', '-v', 'x'.repeat(900), join(top, 'one'));
      mkdirSync(join(top, 'small'));
      writeFileSync(join(top, 'small', 'file'), 'a small directory and a small file lie in their inodes');
      symlinkSync('s'.repeat(59), join(top, 'with-attribute'));
      run('setfattr', '-h', '-n', 'trusted.long', '-v', 'x'.repeat(600), join(top, 'with-attribute'));
      return manifestOf(new DirectoryTree(top), ignored);
    });
    expect(Object.keys(expected).length).toBeGreaterThan(6000);
    const fileSystem = openExt(image);
    expect(manifestOf(fileSystem.tree, ignored)).toEqual(expected);
    expect(fileSystem.state).toEqual({ kind: 'clean' });
    // The tree of extents has two levels of nodes, so the deep ones were read.
    expect(run('debugfs', '-R', 'ex /scattered', image)).toMatch(/^ 2\/ 2 /m);
    expect(run('debugfs', '-R', 'htree /tree/many', image)).toContain('Indirect levels: 1');
    expect(costOf(image, ['tree', 'sizes', '4096'])).toBeLessThan(200_000);
    // The directory is read once; other groups and the bitmaps are not.
    const { tree } = fileSystem;
    const many = tree.lookup(tree.lookup(tree.root, 'tree'), 'many');
    expect(costOf(image, ['tree', 'many', 'entry-1-n'])).toBeLessThan(tree.status(many).size + 200_000);
  });
});

/** Bytes fetched from the image to open it and to read one file. */
function costOf(image: string, path: readonly string[]): number {
  const device = new FileDevice(image);
  const { tree } = ext.open(pageCache(device), nodeCodecs);
  const node = path.reduce<unknown>((directory, name) => tree.lookup(directory, name), tree.root);
  tree.read(node, 0, tree.status(node).size);
  device.close();
  return device.usage.bytesRead;
}

describeWith([mkfs, { program: 'python3', package: 'python3' }, 'loop'], 'ext4 with encrypted files', () => {
  const folder = workFolder();

  it('reads an encrypted directory as encrypted, and the rest as ever', () => {
    const image = join(folder, 'image');
    blank(image, 64);
    run('mkfs.ext4', '-q', '-F', '-O', 'encrypt,inline_data', image);
    const inodes = mounted(image, 'ext4', (top) => {
      writeFileSync(join(top, 'open'), 'for all to read');
      run('python3', '-c', encryptedDirectory, top);
      return ['file', 'link'].map((name) => lstatSync(join(top, 'secret', name)).ino);
    });
    const { tree } = openExt(image);
    const secret = tree.lookup(tree.root, 'secret');
    const encrypted = expect.objectContaining({ kind: 'encrypted' });
    expect(tree.status(secret)).toMatchObject({ type: 'directory' });
    expect(caught(() => [...tree.list(secret)])).toEqual(encrypted);
    expect(caught(() => tree.lookup(secret, 'file'))).toEqual(encrypted);
    expect(caught(() => tree.read(inodes[0], 0, 10))).toEqual(encrypted);
    expect(caught(() => tree.readLink(inodes[1]))).toEqual(encrypted);
    const file = tree.lookup(tree.root, 'open');
    expect(new TextDecoder().decode(tree.read(file, 0, 100))).toBe('for all to read');
  });
});

/** Makes top/secret with contents, encrypted by fscrypt; the ioctls are of include/uapi/linux/fscrypt.h. */
const encryptedDirectory = `
import fcntl, os, struct, sys
secret = os.path.join(sys.argv[1], 'secret')
os.mkdir(secret)
key = bytearray(struct.pack('<II32sII32s', 2, 0, b'', 64, 0, b'') + bytes(range(64)))
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0xC0506617, key)
policy = struct.pack('<BBBBB3s16s', 2, 1, 4, 3, 0, b'', bytes(key[8:24]))
fcntl.ioctl(os.open(secret, os.O_RDONLY), 0x800C6613, policy)
open(os.path.join(secret, 'file'), 'w').write('hidden')
os.symlink('target', os.path.join(secret, 'link'))
`;

/** Two files that grow in turns, so that neither lies in one piece. */
function interleave(one: string, two: string, rounds: number): void {
  const files = [openSync(one, 'a'), openSync(two, 'a')];
  for (let round = 0; round < rounds; round++)
    for (const file of files) {
      appendFileSync(file, `${round}\n`.repeat(50));
      if (round % 8 === 0) fdatasyncSync(file);
    }
  files.forEach(closeSync);
}
