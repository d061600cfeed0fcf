import type { FileStatus, FileType } from '../../../files/file-status.ts';
import type { FileTree } from '../../../files/file-tree.ts';
import { decodeName } from '../../../files/names.ts';
import type { BlockDevice } from '../../block-device.ts';
import { boundedCache } from '../../bounded-cache.ts';
import { DiskError } from '../../disk-error.ts';
import { diskLimits } from '../../limits.ts';
import { inlineContent, readContent } from './content.ts';
import { type DirectoryEntry, readDirectory } from './directory.ts';
import { type Inode, readInode } from './inode.ts';
import type { Superblock } from './superblock.ts';

const ROOT_INODE = 2;
/** Directories that are kept decoded. */
const CACHED_DIRECTORIES = 512;

/** The files of an ext file system. Nodes are numbers of inodes. */
export function extFileTree(device: BlockDevice, superblock: Superblock): FileTree<number> {
  const inodes = boundedCache<number, Inode>(diskLimits.cachedObjects);
  const directories = boundedCache<number, Map<string, DirectoryEntry>>(CACHED_DIRECTORIES);
  const inodeOf = (number: number) => inodes.get(number, () => readInode(device, superblock, number));
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
    lookup: (directory, name) => directoryOf(directory).get(name)?.inode,
    *list(directory): Generator<{ name: string; type?: FileType }> {
      for (const [name, { type }] of directoryOf(directory)) yield type === undefined ? { name } : { name, type };
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
    throw new DiskError('corrupt', structure, `is ${inode.size} bytes long (limit linkTargetBytes)`);
  if (inode.isInline) return inlineContent(inode);
  // ext4_inode_is_fast_symlink of fs/ext4/inode.c.
  if (inode.size < inode.blockArea.length) return inode.blockArea.subarray(0, inode.size);
  return readContent(device, superblock, inode, 0, inode.size);
}
