import type { FileStatus, FileType } from '../../../files/file-status.ts';
import type { FileTree } from '../../../files/file-tree.ts';
import { decodeName } from '../../../files/names.ts';
import type { BlockDevice } from '../../block-device.ts';
import { boundedCache } from '../../bounded-cache.ts';
import { bytesUntilNul } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import { diskLimits } from '../../limits.ts';
import { foldName } from './case-folding.ts';
import { readContent } from './content.ts';
import { type Directory, readDirectory } from './directory.ts';
import { type Inode, readInode } from './inode.ts';
import { ROOT_INODE, type Superblock } from './superblock.ts';

/** The files of an ext file system. Nodes are numbers of inodes. */
export function extFileTree(device: BlockDevice, superblock: Superblock): FileTree<number> {
  const inodes = boundedCache<number, Inode>(diskLimits.cachedObjects);
  // An empty directory takes memory, too.
  const directories = boundedCache<number, Directory>(diskLimits.cachedObjects, ({ entries }) => entries.size + 1);
  const inodeOf = (number: number) =>
    inodes.get(number, () => {
      if (number < superblock.firstInode && number !== ROOT_INODE)
        throw new DiskError('corrupt', `ext inode ${number}`, 'is one of the file system itself, no file');
      return readInode(device, superblock, number);
    });
  const directoryOf = (number: number) =>
    directories.get(number, () => {
      const inode = inodeOf(number);
      if (inode.type !== 'directory') throw new DiskError('corrupt', `ext inode ${number}`, 'is no directory');
      return readDirectory(device, superblock, inode);
    });
  return {
    root: ROOT_INODE,
    ownersRecorded: true,
    status: (number): FileStatus => {
      const { type, mode, uid, gid, size, mtime } = inodeOf(number);
      return { type, mode, uid, gid, size, mtime };
    },
    lookup(directory, name) {
      const { entries, folded } = directoryOf(directory);
      const written = entries.has(name) ? name : folded?.get(foldName(name));
      return written === undefined ? undefined : entries.get(written)?.inode;
    },
    *list(directory): Generator<{ name: string; type?: FileType }> {
      for (const [name, { type }] of directoryOf(directory).entries)
        yield type === undefined ? { name } : { name, type };
    },
    readLink: (number) => decodeName(linkTarget(device, superblock, inodeOf(number))),
    read: (number, offset, length) => {
      const inode = inodeOf(number);
      return readContent(device, superblock, inode, offset, Math.min(length, inode.size - offset));
    },
  };
}

function linkTarget(device: BlockDevice, superblock: Superblock, inode: Inode): Uint8Array {
  const structure = `symbolic link in ext inode ${inode.number}`;
  if (inode.isEncrypted) throw new DiskError('encrypted', structure, 'is encrypted (fscrypt); only its key opens it');
  if (inode.size > diskLimits.linkTargetBytes)
    throw new DiskError('limit', structure, `is ${inode.size} bytes long (limit linkTargetBytes)`);
  if (inode.isFastLink && inode.size >= inode.blockArea.length)
    throw new DiskError('corrupt', structure, `is ${inode.size} bytes long, too long for its place`);
  // The kernel takes the target for a C string.
  if (inode.isFastLink) return bytesUntilNul(inode.blockArea.subarray(0, inode.size));
  return bytesUntilNul(readContent(device, superblock, inode, 0, inode.size));
}
