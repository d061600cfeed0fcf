import { mkdirSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mounted } from './mounted.ts';
import { run } from './tools.ts';

const MEBIBYTE = 1024 * 1024;

export const sgdisk = { program: 'sgdisk', package: 'gdisk' } as const;
export const mkfsExt = { program: 'mkfs.ext4', package: 'e2fsprogs' } as const;
export const mkfsFat = { program: 'mkfs.vfat', package: 'dosfstools' } as const;
export const mtools = { program: 'mcopy', package: 'mtools' } as const;

export interface FileSystemPlan {
  readonly type: 'ext3' | 'ext4' | 'xfs' | 'btrfs' | 'vfat';
  readonly label?: string;
  readonly uuid?: string;
  /** Directory whose files go in; XFS takes them over a loop device. */
  readonly files?: string;
  /** Further arguments of mkfs. */
  readonly options?: readonly string[];
}

export interface PartitionPlan extends FileSystemPlan {
  readonly number: number;
  /** MiB. */
  readonly size: number;
  /** As sgdisk takes it; 8300 unless given. */
  readonly code?: string;
  readonly name?: string;
  readonly partUuid?: string;
}

/** An empty sparse file of the size in MiB. */
export function emptyFile(path: string, mebibytes: number): string {
  rmSync(path, { force: true });
  writeFileSync(path, '');
  truncateSync(path, mebibytes * MEBIBYTE);
  return path;
}

/** A file system in a file of its own. */
export function makeFileSystem(path: string, mebibytes: number, plan: FileSystemPlan): string {
  emptyFile(path, mebibytes);
  const { type, label, uuid, files, options = [] } = plan;
  const identity = [...(label === undefined ? [] : [type === 'vfat' ? '-n' : '-L', label])];
  switch (type) {
    case 'ext3':
    case 'ext4':
      run(
        `mkfs.${type}`,
        '-q',
        ...identity,
        ...(uuid ? ['-U', uuid] : []),
        ...(files ? ['-d', files] : []),
        ...options,
        path,
      );
      break;
    case 'btrfs':
      run(
        'mkfs.btrfs',
        '-q',
        ...identity,
        ...(uuid ? ['-U', uuid] : []),
        ...(files ? ['--rootdir', files] : []),
        ...options,
        path,
      );
      break;
    case 'vfat':
      run('mkfs.vfat', ...identity, ...(uuid ? ['-i', uuid.replace('-', '')] : []), ...options, path);
      if (files)
        for (const name of readdirSync(files)) run('mcopy', '-s', '-Q', '-i', path, join(files, name), `::/${name}`);
      break;
    case 'xfs':
      run('mkfs.xfs', '-q', ...identity, ...(uuid ? ['-m', `uuid=${uuid}`] : []), ...options, path);
      if (files) mounted(path, 'xfs', (top) => run('cp', '-a', `${files}/.`, top));
  }
  return path;
}

/** Writes one file into another at an offset in MiB, leaving holes where it is zero. */
export function writeAt(disk: string, mebibytes: number, part: string): void {
  run('dd', `if=${part}`, `of=${disk}`, 'bs=1M', `seek=${mebibytes}`, 'conv=notrunc,sparse', 'status=none');
}

/** A disk with a GPT; its partitions lie one behind the other from 1 MiB on. */
export function makeGptDisk(path: string, partitions: readonly PartitionPlan[]): string {
  emptyFile(path, 2 + partitions.reduce((sum, { size }) => sum + size, 0));
  let start = 1;
  const words: string[] = [];
  for (const { number, size, code = '8300', name, partUuid, ...plan } of partitions) {
    words.push(`--new=${number}:${start}M:+${size}M`, `--typecode=${number}:${code}`);
    if (name !== undefined) words.push(`--change-name=${number}:${name}`);
    if (partUuid !== undefined) words.push(`--partition-guid=${number}:${partUuid}`);
    const part = makeFileSystem(`${path}.part`, size, plan);
    writeAt(path, start, part);
    rmSync(part);
    start += size;
  }
  run('sgdisk', ...words, path);
  return path;
}

/** Takes what lies at the given places out of a root, into directories of their own; the places stay, empty. */
export function splitRoot(root: string, folder: string, places: readonly string[]): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (const [index, place] of [...places].sort((a, b) => b.length - a.length).entries()) {
    const part = join(folder, `part${index}`);
    const from = join(root, place);
    mkdirSync(from, { recursive: true });
    renameSync(from, part);
    mkdirSync(from);
    parts.set(place, part);
  }
  return parts;
}
