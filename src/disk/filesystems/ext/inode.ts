import type { FileType } from '../../../files/file-status.ts';
import type { BlockDevice } from '../../block-device.ts';
import { viewOf } from '../../bytes.ts';
import { rawCrc32c } from '../../checksums.ts';
import { DiskError } from '../../disk-error.ts';
import { typeOfMode } from '../../file-types.ts';
import { has, incompat, roCompat } from './features.ts';
import { inodeTableOf } from './group.ts';
import type { Superblock } from './superblock.ts';

/** Flags of struct ext4_inode that change how it is read. */
const FLAG_ENCRYPTED = 0x800;
const FLAG_HASH_TREE = 0x1000;
/** i_blocks counts blocks of the file system instead of 512 bytes. */
const FLAG_HUGE_FILE = 0x40000;
const FLAG_EXTENTS = 0x80000;
const FLAG_INLINE_DATA = 0x10000000;
const FLAG_CASE_FOLDED = 0x40000000;

/** Bytes of the part that every inode has, before the extra fields. */
const CORE_SIZE = 128;
const BLOCK_AREA_SIZE = 60;

export interface Inode {
  readonly number: number;
  readonly type: FileType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
  /** Seconds since 1970-01-01 UTC. */
  readonly mtime: number;
  readonly isEncrypted: boolean;
  /** A directory whose first block, and some others, are nodes of a hash tree. */
  readonly isHashTree: boolean;
  readonly usesExtents: boolean;
  /** A directory where names are found in any case. */
  readonly isCaseFolded: boolean;
  /** A symbolic link whose target stands in the block area. */
  readonly isFastLink: boolean;
  /** The contents lie in the inode itself. */
  readonly isInline: boolean;
  /** The 60 bytes of block pointers, root of the extent tree, link target or contents. */
  readonly blockArea: Uint8Array;
  /** Extended attributes behind the extra fields; empty when there are none. */
  readonly attributeArea: Uint8Array;
  /** Start value for the checksums of this inode's own blocks. */
  readonly checksumSeed: number;
}

/** @throws {DiskError} when the number is none of this file system, or the inode is not in use, or damaged */
export function readInode(device: BlockDevice, superblock: Superblock, number: number): Inode {
  const { blockSize, inodesPerGroup, inodeSize, features } = superblock;
  const structure = `ext inode ${number}`;
  if (number < 1 || number > superblock.inodes)
    throw new DiskError('corrupt', structure, `is none of the ${superblock.inodes} that there are`);
  const group = Math.floor((number - 1) / inodesPerGroup);
  const table = inodeTableOf(device, superblock, group);
  const offset = table * blockSize + ((number - 1) % inodesPerGroup) * inodeSize;
  const bytes = device.read(offset, inodeSize);
  const view = viewOf(bytes);
  const checksumSeed = seedOf(superblock, number, view.getUint32(0x64, true));
  if (has(features, roCompat.metadataChecksum) && !hasRightChecksum(bytes, checksumSeed))
    throw new DiskError('corrupt', structure, 'has a wrong checksum', offset);
  const mode = view.getUint16(0, true);
  const type = typeOfMode(mode);
  if (type === undefined)
    throw new DiskError('corrupt', structure, `has the mode 0o${mode.toString(8)}, no file's`, offset);
  // Names lead to it, so it is no file that was deleted and is still open.
  if (view.getUint16(0x1a, true) === 0) throw new DiskError('corrupt', structure, 'is referred to and deleted', offset);
  const flags = view.getUint32(0x20, true);
  const extraSize = extraSizeOf(bytes);
  if (extraSize % 4 !== 0 || CORE_SIZE + extraSize > inodeSize)
    throw new DiskError('corrupt', structure, `has ${extraSize} bytes of extra fields`, offset);
  const isLong = type === 'file' || (type === 'directory' && has(features, incompat.largeDirectory));
  const size = view.getUint32(4, true) + (isLong ? view.getUint32(0x6c, true) * 2 ** 32 : 0);
  if (!Number.isSafeInteger(size)) throw new DiskError('corrupt', structure, 'has an impossible size', offset);
  return {
    number,
    type,
    mode: mode & 0o7777,
    uid: view.getUint16(2, true) + view.getUint16(0x78, true) * 2 ** 16,
    gid: view.getUint16(0x18, true) + view.getUint16(0x7a, true) * 2 ** 16,
    size,
    mtime: view.getInt32(0x10, true) + (extraSize >= 12 ? (view.getUint32(0x88, true) & 3) * 2 ** 32 : 0),
    isEncrypted: (flags & FLAG_ENCRYPTED) !== 0,
    isHashTree: (flags & FLAG_HASH_TREE) !== 0,
    usesExtents: (flags & FLAG_EXTENTS) !== 0,
    isCaseFolded: (flags & FLAG_CASE_FOLDED) !== 0 && has(features, incompat.caseFolding),
    isFastLink: type === 'symlink' && isFastLink(superblock, view, size, flags),
    isInline: (flags & FLAG_INLINE_DATA) !== 0,
    blockArea: bytes.slice(0x28, 0x28 + BLOCK_AREA_SIZE),
    attributeArea: bytes.slice(CORE_SIZE + extraSize),
    checksumSeed,
  };
}

/** Bytes of extra fields that this inode has. */
function extraSizeOf(bytes: Uint8Array): number {
  return bytes.length <= CORE_SIZE ? 0 : viewOf(bytes).getUint16(0x80, true);
}

/** ext4_inode_is_fast_symlink of fs/ext4/inode.c. */
function isFastLink(superblock: Superblock, view: DataView, size: number, flags: number): boolean {
  if ((flags & FLAG_INLINE_DATA) !== 0) return false;
  if (has(superblock.features, incompat.attributeInodes)) return size < BLOCK_AREA_SIZE;
  const isHuge = has(superblock.features, roCompat.hugeFile);
  const blocks = view.getUint32(0x1c, true) + (isHuge ? view.getUint16(0x74, true) * 2 ** 32 : 0);
  const hasAttributeBlock = view.getUint32(0x68, true) !== 0 || view.getUint16(0x76, true) !== 0;
  const unit = isHuge && (flags & FLAG_HUGE_FILE) !== 0 ? superblock.blockSize : 512;
  return blocks * unit === (hasAttributeBlock ? superblock.clusterSize : 0);
}

function seedOf({ checksumSeed }: Superblock, number: number, generation: number): number {
  const identity = new Uint8Array(8);
  viewOf(identity).setUint32(0, number, true);
  viewOf(identity).setUint32(4, generation, true);
  return rawCrc32c(identity, checksumSeed);
}

/** ext4_inode_csum of fs/ext4/inode.c: the checksum's own bytes count as zero. */
function hasRightChecksum(bytes: Uint8Array, seed: number): boolean {
  const view = viewOf(bytes);
  const isWide = extraSizeOf(bytes) >= 4;
  const copy = new Uint8Array(bytes);
  copy.fill(0, 0x7c, 0x7e);
  if (isWide) copy.fill(0, 0x82, 0x84);
  const computed = rawCrc32c(copy, seed);
  const low = view.getUint16(0x7c, true);
  return isWide ? computed === low + view.getUint16(0x82, true) * 2 ** 16 : (computed & 0xffff) === low;
}
