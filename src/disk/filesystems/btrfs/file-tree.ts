import type { FileStatus } from '../../../files/file-status.ts';
import type { FileTree } from '../../../files/file-tree.ts';
import { decodeName, encodeName } from '../../../files/names.ts';
import { DiskError } from '../../disk-error.ts';
import { diskLimits } from '../../limits.ts';
import { findEntry, listDirectory } from './directory.ts';
import type { ContentReader } from './file-content.ts';
import { type Inode, readInode } from './inode.ts';
import { keyType } from './key.ts';
import type { Subvolumes, SubvolumeTree } from './subvolume.ts';

/** An inode of some subvolume. */
export interface BtrfsNode {
  /** Undefined for the empty directory that stands where a snapshot was taken of a nested subvolume. */
  readonly subvolume: SubvolumeTree | undefined;
  readonly number: bigint;
  /** Read when it is first asked for. */
  inode(): Inode;
}

/** `BTRFS_EMPTY_SUBVOL_DIR_OBJECTID`. */
const EMPTY_SUBVOLUME = 2n;

/** A subvolume as it is mounted, with the subvolumes that are nested in it. */
export function subvolumeFileTree(
  subvolumes: Subvolumes,
  content: ContentReader,
  top: SubvolumeTree,
): FileTree<BtrfsNode> {
  const tree: FileTree<BtrfsNode> = {
    root: nodeOf(top, top.rootDirectory),
    ownersRecorded: true,
    status: (node) => node.inode().status,
    lookup: ({ subvolume, number, inode }, name) => {
      const entry = subvolume && findEntry(subvolume.tree, number, name);
      if (!entry) return undefined;
      const { type, objectId } = entry.location;
      if (type === keyType.inodeItem) return nodeOf(subvolume, objectId);
      if (type !== keyType.rootItem)
        throw new DiskError(
          'corrupt',
          `btrfs directory ${number}`,
          `has an entry that points to an item of type ${type}`,
        );
      const nested = subvolumes.isEntryOf(objectId, subvolume.id, number, encodeName(name))
        ? subvolumes.open(objectId)
        : undefined;
      return nested ? nodeOf(nested, nested.rootDirectory) : emptyDirectory(inode().status);
    },
    list: ({ subvolume, number }) => (subvolume ? listDirectory(subvolume.tree, number) : []),
    readLink: (node) => {
      const { size } = node.inode().status;
      if (size > diskLimits.linkTargetBytes)
        throw new DiskError(
          'limit',
          `btrfs symbolic link ${node.number}`,
          `has a target of ${size} bytes (limit linkTargetBytes)`,
        );
      const target = tree.read(node, 0, size);
      const end = target.indexOf(0);
      return decodeName(end === -1 ? target : target.subarray(0, end));
    },
    read: ({ subvolume, number, inode }, offset, length) =>
      subvolume ? content.read(subvolume.tree, number, inode(), offset, length) : new Uint8Array(0),
  };
  return tree;
}

function nodeOf(subvolume: SubvolumeTree, number: bigint): BtrfsNode {
  let known: Inode | undefined;
  return {
    subvolume,
    number,
    inode: () => {
      known ??= readInode(subvolume.tree, subvolume.id, number);
      return known;
    },
  };
}

/**
 * As `new_simple_dir` of fs/btrfs/inode.c makes it, with the owner of the directory around it. The kernel shows the
 * present as its time; here it is that of the directory around it.
 */
function emptyDirectory({ uid, gid, mtime }: FileStatus): BtrfsNode {
  const status: FileStatus = { type: 'directory', mode: 0o755, uid, gid, size: 0, mtime };
  return { subvolume: undefined, number: EMPTY_SUBVOLUME, inode: () => ({ status, hasNoChecksums: true }) };
}
