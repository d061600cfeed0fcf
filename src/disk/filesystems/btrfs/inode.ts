import type { FileStatus } from '../../../files/file-status.ts';
import { toSafeNumber, viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import { typeOfMode } from '../../file-types.ts';
import { keyType } from './key.ts';
import type { Tree } from './tree.ts';

export interface Inode {
  readonly status: FileStatus;
  /** Whether its data has no entries in the checksum tree. */
  readonly hasNoChecksums: boolean;
}

const SIZE = 160;
/** `BTRFS_INODE_NODATASUM`. */
const NO_DATA_CHECKSUMS = 1n;

/** @throws {DiskError} when the inode is missing or is not one */
export function readInode(tree: Tree, subvolume: bigint, number: bigint): Inode {
  const structure = `btrfs inode ${number} of subvolume ${subvolume}`;
  const item = tree.find({ objectId: number, type: keyType.inodeItem, offset: 0n });
  if (!item) throw new DiskError('corrupt', structure, 'is missing');
  return parseInode(item.data, structure);
}

/** `struct btrfs_inode_item`. */
function parseInode(data: Uint8Array, structure: string): Inode {
  if (data.length < SIZE) throw new DiskError('corrupt', structure, `has ${data.length} bytes, expected ${SIZE}`);
  const view = viewOf(data);
  const mode = view.getUint32(52, true);
  const type = typeOfMode(mode);
  if (!type) throw new DiskError('corrupt', structure, `has the mode ${mode.toString(8)}, which is of no type`);
  return {
    status: {
      type,
      mode: mode & 0o7777,
      uid: view.getUint32(44, true),
      gid: view.getUint32(48, true),
      size: toSafeNumber(view.getBigUint64(16, true), structure),
      mtime: Number(view.getBigInt64(136, true)),
    },
    hasNoChecksums: (view.getBigUint64(64, true) & NO_DATA_CHECKSUMS) !== 0n,
  };
}
