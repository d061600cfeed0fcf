import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../../src/engine/model.ts';
import { run } from './stages.ts';

/** How build-debian-disk.sh can lay out a disk. */
export const layouts = ['ext4', 'xfs-lvm', 'btrfs'] as const;
export type Layout = (typeof layouts)[number];

/** Programs beyond those of the other suite of this folder, with the Debian package of each. */
const programs: Readonly<Record<string, string>> = {
  'mkfs.ext4': 'e2fsprogs',
  'mkfs.xfs': 'xfsprogs',
  'mkfs.btrfs': 'btrfs-progs',
  'mkfs.vfat': 'dosfstools',
  mcopy: 'mtools',
  sgdisk: 'gdisk',
  lvm: 'lvm2',
  'qemu-img': 'qemu-utils',
  flock: 'util-linux',
};

/** What this machine lacks for building disks, in words; undefined when it lacks nothing. */
export function lacking(): string | undefined {
  const missing = Object.entries(programs).filter(
    ([program]) => spawnSync('sh', ['-c', 'command -v "$0"', program]).status !== 0,
  );
  if (missing.length > 0) return missing.map(([program, name]) => `${program} (package ${name})`).join(', ');
  return spawnSync('losetup', ['--find']).status === 0 ? undefined : 'loop devices';
}

/** A raw disk image with the given root on it, from the cache when root and scripts are those of the last run. */
export function buildDisk(layout: Layout, state: string, root: string): string {
  const script = join(import.meta.dirname, 'build-debian-disk.sh');
  return run('bash', [script, layout, root, `${layout}-${state}`, '4G']).trim();
}

/** Where mount points of a built disk lie in it, outermost first. */
function volumesOf(image: string): readonly (readonly string[])[] {
  const text = readFileSync(image.replace(/\.raw$/, '.volumes'), 'utf8');
  const rows = text.trimEnd().split('\n');
  return rows.map((row) => row.split(' ')).sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
}

/** Neither of these writes to the image, nor does it need to: all were unmounted. */
const readOnly: Readonly<Record<string, string>> = { ext4: 'ro,noload', xfs: 'ro,norecovery', btrfs: 'ro' };
const espOffset = 4 * 1024 * 1024;

/** Mounts a built disk by the kernel's own file systems while `use` runs. */
export function mountedDisk<T>(image: string, folder: string, use: (top: string) => T): T {
  const top = join(folder, 'mounted');
  const esp = join(folder, 'esp');
  for (const path of [top, esp]) mkdirSync(path);
  const mounts: string[] = [];
  try {
    for (const [place = '', type = '', offset, length, own] of volumesOf(image)) {
      const options = [`loop,offset=${offset},sizelimit=${length}`, readOnly[type], ...(own === '-' ? [] : [own])];
      run('mount', ['-t', type, '-o', options.join(','), image, `${top}${place}`]);
      mounts.push(`${top}${place}`);
    }
    // Not every kernel has FAT, so its files are copied out.
    run('mcopy', ['-s', '-i', `${image}@@${espOffset}`, '::/EFI', esp]);
    run('mount', ['--bind', esp, `${top}/boot/efi`]);
    mounts.push(`${top}/boot/efi`);
    return use(top);
  } finally {
    for (const place of mounts.reverse()) run('umount', [place]);
    for (const path of [top, esp]) rmSync(path, { recursive: true });
  }
}

/** What people hand in, as qemu-img makes it from a raw disk; raw itself is left as it is. */
export const containers = {
  raw: { name: 'disk.raw', convert: undefined },
  'fixed VHD': { name: 'disk.vhd', convert: ['-O', 'vpc', '-o', 'subformat=fixed,force_size=on'] },
  'dynamic VHD': { name: 'disk.vhd', convert: ['-O', 'vpc', '-o', 'subformat=dynamic,force_size=on'] },
  VHDX: { name: 'disk.vhdx', convert: ['-O', 'vhdx'] },
  qcow2: { name: 'disk.qcow2', convert: ['-O', 'qcow2'] },
} as const;
export type Container = keyof typeof containers;

/** The disk in a container, for as long as `use` runs. */
export function inContainer<T>(image: string, container: Container, folder: string, use: (file: string) => T): T {
  const { name, convert } = containers[container];
  if (convert === undefined) return use(image);
  const file = join(folder, name);
  try {
    run('qemu-img', ['convert', '-f', 'raw', ...convert, image, file]);
    return use(file);
  } finally {
    rmSync(file, { force: true });
  }
}

/** Outcome of a rule, with the severities of what it found. */
export function outcomeOf({ outcome, findings }: Result): string {
  return findings.length === 0 ? outcome : `${outcome}: ${findings.map(({ severity }) => severity).join(', ')}`;
}
