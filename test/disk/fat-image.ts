import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BlockDevice } from '../../src/disk/block-device.ts';
import { DiskError } from '../../src/disk/disk-error.ts';
import type { FileTree } from '../../src/files/file-tree.ts';
import { noise } from './hurtful-tree.ts';
import { run } from './tools.ts';

/** A disk in memory that counts what is read from it. */
export function memoryDevice(bytes: Uint8Array): BlockDevice & { bytesRead(): number } {
  let bytesRead = 0;
  return {
    size: bytes.length,
    bytesRead: () => bytesRead,
    read: (offset, length) => {
      if (!Number.isSafeInteger(offset) || offset < 0 || length < 0 || offset + length > bytes.length)
        throw new DiskError('corrupt', 'device', `has no ${length} bytes`, offset);
      bytesRead += length;
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** A program of mtools on the image; names are UTF-8 and times UTC. */
export function mtools(program: string, image: string, ...args: readonly string[]): string {
  const settings = { LC_ALL: 'C.UTF-8', TZ: 'UTC', MTOOLS_SKIP_CHECK: '1' };
  return execFileSync(program, ['-i', image, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...settings },
  });
}

/** Makes an empty file system of so many KiB. */
export function makeFat(image: string, kibibytes: number, ...options: readonly string[]): void {
  writeFileSync(image, '');
  truncateSync(image, kibibytes * 1024);
  run('mkfs.vfat', ...options, image);
}

/** Copies what the folder holds into the root of the image, times included. */
export function fill(image: string, folder: string): void {
  const names = readdirSync(folder).map((name) => join(folder, name));
  mtools('mcopy', image, '-s', '-m', '-Q', ...names, '::/');
}

/** A tree within what FAT can hold: every class of size and name. */
export function buildFatTree(folder: string, entries: number): void {
  let time = 500_000_000;
  const put = (path: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, path), content);
    // FAT keeps even seconds.
    time += 86_402;
    utimesSync(join(folder, path), time, time);
  };
  for (const name of ['sizes', 'names', 'many', 'EFI', 'EFI/BOOT', 'empty'])
    mkdirSync(join(folder, name), { recursive: true });
  for (const size of [0, 1, 511, 512, 513, 2047, 2048, 2049, 65_535, 65_537, 300_001])
    put(`sizes/${size}`, noise(size, size + 1));
  for (const name of [
    'UPPER.TXT',
    'lower.txt',
    'UPPER.low',
    'lower.UPP',
    'Mixed.Txt',
    'noext',
    'a.b.c',
    '.hidden',
    'with blank and + , ; = [ ]',
    'exactly13char',
    'exactly-twenty-six-charact',
    'x'.repeat(255),
    'ümläut-€-ж.txt',
    'ÄÖÜ.TXT',
    '日本語',
    'longfilename-1.txt',
    'longfilename-2.txt',
  ])
    put(`names/${name}`, `this is ${name}`);
  for (let index = 0; index < entries; index++) put(`many/entry number ${index}`, index % 7 === 0 ? `${index}` : '');
  let deep = 'deep';
  mkdirSync(join(folder, deep));
  for (let level = 0; level < 20; level++) {
    deep = `${deep}/level${level}`;
    mkdirSync(join(folder, deep));
  }
  put(`${deep}/bottom`, 'twenty below');
  put('EFI/BOOT/BOOTX64.EFI', noise(100_000));
}

/** Reads all there is, with caps on what a cycle could make of it; gives the number of entries and the errors. */
export function readEverything<Node>(open: () => FileTree<Node>): { entries: number; errors: DiskError[] } {
  const errors: DiskError[] = [];
  let entries = 0;
  const guarded = <T>(step: () => T): T | undefined => {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      errors.push(error);
      return undefined;
    }
  };
  const tree = guarded(open);
  if (!tree) return { entries, errors };
  const visit = (node: Node, depth: number): void => {
    if (++entries > 5000) return;
    const status = guarded(() => tree.status(node));
    if (status?.type === 'symlink') guarded(() => tree.readLink(node));
    if (status?.type === 'file') {
      guarded(() => tree.read(node, 0, 400_000));
      guarded(() => tree.read(node, Math.max(0, status.size - 5000), 10_000));
    }
    if (status?.type !== 'directory' || depth > 30) return;
    const names: string[] = [];
    guarded(() => {
      for (const { name } of tree.list(node)) names.push(name);
    });
    for (const name of names.slice(0, 2000)) {
      const child = guarded(() => tree.lookup(node, name));
      if (child !== undefined) visit(child, depth + 1);
    }
  };
  visit(tree.root, 0);
  return { entries, errors };
}

/** Numbers that are the same in every run, below `bound`. */
export function randomSequence(seed: number): (bound: number) => number {
  let state = seed >>> 0 || 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}
