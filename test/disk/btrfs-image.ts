import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import type { FileSystem } from '../../src/disk/file-system.ts';
import { btrfs } from '../../src/disk/filesystems/btrfs/format.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { DirectoryTree } from '../../src/host/directory.ts';
import { FileDevice } from '../../src/host/file-device.ts';
import { manifestOf } from './manifest.ts';
import { run } from './tools.ts';

/** What every suite over a mounted btrfs needs. */
export const mountedBtrfs = [{ program: 'mkfs.btrfs', package: 'btrfs-progs' }, 'root', 'loop'] as const;

const MEGABYTE = 1024 * 1024;

/** An empty sparse file of the size in MiB. */
export function emptyImage(path: string, megabytes: number): string {
  rmSync(path, { force: true });
  writeFileSync(path, '');
  truncateSync(path, megabytes * MEGABYTE);
  return path;
}

export function makeBtrfs(path: string, options: readonly string[] = [], megabytes = 256): string {
  run('mkfs.btrfs', '-q', ...options, emptyImage(path, megabytes));
  return path;
}

/**
 * Mounts the first of the images, with the others attached, for as long as `use` runs.
 *
 * @param use Gets the mount point; what it gives is handed on.
 */
export function whileMounted<T>(images: readonly string[], options: string, use: (point: string) => T): T {
  const point = `${images[0]}.mount`;
  mkdirSync(point, { recursive: true });
  const loops: string[] = [];
  try {
    for (const image of images) loops.push(run('losetup', '-f', '--show', image).trim());
    const devices = loops.slice(1).map((loop) => `device=${loop}`);
    run(
      'mount',
      '-t',
      'btrfs',
      '-o',
      [options, ...devices].filter(Boolean).join(',') || 'defaults',
      loops[0] ?? '',
      point,
    );
    try {
      return use(point);
    } finally {
      run('umount', point);
    }
  } finally {
    for (const loop of loops) run('losetup', '-d', loop);
    if (loops.length > 1) run('btrfs', 'device', 'scan', '--forget');
  }
}

/** Opens the image, hands its file system to `use` and closes it. */
export function withBtrfs<T>(path: string, use: (fileSystem: FileSystem, device: FileDevice) => T): T {
  const device = new FileDevice(path);
  try {
    return use(btrfs.open(device, nodeCodecs), device);
  } finally {
    device.close();
  }
}

/** Of a mounted file system, once all of it is on the disk. */
export function mountedManifest(point: string): Record<string, string> {
  run('sync', '-f', point);
  return manifestOf(new DirectoryTree(point));
}
