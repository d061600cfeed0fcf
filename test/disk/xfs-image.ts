import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import type { FileSystem } from '../../src/disk/file-system.ts';
import { xfs } from '../../src/disk/filesystems/xfs/format.ts';
import type { FileType } from '../../src/files/file-status.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { DirectoryTree } from '../../src/host/directory.ts';
import { FileDevice } from '../../src/host/file-device.ts';
import { run } from './tools.ts';

export const mkfsXfs = { program: 'mkfs.xfs', package: 'xfsprogs' } as const;

/** A new XFS on a sparse file; mkfs.xfs makes nothing smaller than 300 MB. */
export function makeXfs(path: string, options = '', megabytes = 320): string {
  rmSync(path, { force: true });
  writeFileSync(path, '');
  truncateSync(path, megabytes * 1024 * 1024);
  run('mkfs.xfs', '-q', '-L', 'a label', ...options.split(' ').filter(Boolean), path);
  return path;
}

/** Opens the image, hands its file system to `use` and closes it. */
export function withXfs<T>(path: string, use: (fileSystem: FileSystem, device: FileDevice) => T): T {
  const device = new FileDevice(path);
  try {
    return use(xfs.open(device, nodeCodecs), device);
  } finally {
    device.close();
  }
}

const kinds: Readonly<Record<FileType, string>> = {
  file: '-',
  directory: 'd',
  symlink: 'l',
  'block-device': 'b',
  'character-device': 'c',
  fifo: 'p',
  socket: 's',
};

/** The text that mkfs.xfs -p takes: a tree without blanks in its names and without sticky bits. */
export function prototypeOf(folder: string): string {
  const tree = new DirectoryTree(folder);
  const lines = ['/dev/null', '0 0'];
  const visit = (node: typeof tree.root, name: string, path: string): void => {
    const { type, mode, uid, gid } = tree.status(node);
    const flags = `${mode & 0o4000 ? 'u' : '-'}${mode & 0o2000 ? 'g' : '-'}`;
    const start = `${name} ${kinds[type]}${flags}${(mode & 0o777).toString(8).padStart(3, '0')} ${uid} ${gid}`.trim();
    if (type === 'file') lines.push(`${start} ${path}`);
    else if (type === 'symlink') lines.push(`${start} ${tree.readLink(node)}`);
    else if (type.endsWith('device')) lines.push(`${start} 1 3`);
    else lines.push(start);
    if (type !== 'directory') return;
    for (const entry of tree.list(node)) {
      const child = tree.lookup(node, entry.name);
      if (child) visit(child, entry.name, `${path}/${entry.name}`);
    }
    lines.push('$');
  };
  visit(tree.root, '', folder);
  return `${lines.join('\n')}\n`;
}
