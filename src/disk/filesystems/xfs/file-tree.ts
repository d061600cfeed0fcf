import type { FileStatus, FileType } from '../../../files/file-status.ts';
import type { FileTree } from '../../../files/file-tree.ts';
import { decodeName } from '../../../files/names.ts';
import type { BlockDevice } from '../../block-device.ts';
import { boundedCache } from '../../bounded-cache.ts';
import { diskLimits } from '../../limits.ts';
import { readContent, readLinkTarget } from './content.ts';
import { type DirectoryEntry, readDirectory } from './directory.ts';
import { sourceOf } from './extent-tree.ts';
import { type Inode, readInode } from './inode.ts';
import type { Superblock } from './superblock.ts';

/** Directories that are kept decoded. */
const CACHED_DIRECTORIES = 512;

/** The files of an XFS. Nodes are numbers of inodes. */
export function xfsFileTree(device: BlockDevice, superblock: Superblock): FileTree<number> {
  const source = sourceOf(device, superblock);
  const inodes = boundedCache<number, Inode>(diskLimits.cachedObjects);
  const directories = boundedCache<number, Map<string, DirectoryEntry>>(CACHED_DIRECTORIES);
  const inodeOf = (number: number) => inodes.get(number, () => readInode(device, superblock, number));
  const directoryOf = (number: number) => directories.get(number, () => readDirectory(source, inodeOf(number)));
  return {
    root: superblock.rootInode,
    ownersRecorded: true,
    status: (number): FileStatus => {
      const { type, mode, uid, gid, size, mtime } = inodeOf(number);
      return { type, mode, uid, gid, size, mtime };
    },
    lookup: (directory, name) => directoryOf(directory).get(name)?.inode,
    *list(directory): Generator<{ name: string; type?: FileType }> {
      for (const [name, { type }] of directoryOf(directory)) yield type === undefined ? { name } : { name, type };
    },
    readLink: (number) => decodeName(readLinkTarget(source, inodeOf(number))),
    read: (number, offset, length) => {
      const inode = inodeOf(number);
      return readContent(source, inode, offset, Math.min(length, inode.size - offset));
    },
  };
}
