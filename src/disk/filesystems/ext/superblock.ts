import type { BlockDevice } from '../../block-device.ts';
import { bytesUntilNul, uuidText, viewOf } from '../../bytes.ts';
import { rawCrc32c } from '../../checksums.ts';
import { DiskError } from '../../disk-error.ts';
import { compat, type Features, has, incompat, refuseUnknown, roCompat } from './features.ts';

/** Bytes from the start of the volume. */
const SUPERBLOCK_OFFSET = 1024;
const SUPERBLOCK_SIZE = 1024;
const MAGIC = 0xef53;
const CHECKSUM_AT = 0x3fc;
/** EXT4_CRC32C_CHKSUM of fs/ext4/ext4.h, the only algorithm that there is. */
const CHECKSUM_CRC32C = 1;
const OLD_REVISION_INODE_SIZE = 128;
const OLD_REVISION_FIRST_INODE = 11;
/** The inode of the top directory. */
export const ROOT_INODE = 2;

/** What reading needs of struct ext4_super_block (fs/ext4/ext4.h). Numbers of blocks unless said otherwise. */
export interface Superblock {
  readonly features: Features;
  /** Bytes. */
  readonly blockSize: number;
  /** Bytes; allocations are multiples of it. */
  readonly clusterSize: number;
  readonly blocks: number;
  readonly firstDataBlock: number;
  readonly blocksPerGroup: number;
  readonly inodes: number;
  readonly inodesPerGroup: number;
  /** Number of the first inode that an ordinary file may have. */
  readonly firstInode: number;
  /** Bytes. */
  readonly inodeSize: number;
  /** Bytes of one group descriptor. */
  readonly descriptorSize: number;
  readonly firstMetaGroup: number;
  /** Groups that hold copies of the superblock under sparse_super2. */
  readonly backupGroups: readonly [number, number];
  readonly uuid: string;
  readonly uuidBytes: Uint8Array;
  readonly label: string | undefined;
  /** Start value of all CRC-32C of metadata. */
  readonly checksumSeed: number;
  readonly journalInode: number;
  readonly state: number;
  readonly errorCount: number;
  readonly firstOrphan: number;
}

/** Whether the magic of ext2, ext3 or ext4 stands where it belongs, on something that is not a journal of its own. */
export function hasSuperblock(device: BlockDevice): boolean {
  if (device.size < SUPERBLOCK_OFFSET + SUPERBLOCK_SIZE) return false;
  return viewOf(device.read(SUPERBLOCK_OFFSET, SUPERBLOCK_SIZE)).getUint16(0x38, true) === MAGIC;
}

/** @throws {DiskError} when it contradicts itself, its checksum is wrong or it has a feature that is not read */
export function readSuperblock(device: BlockDevice): Superblock {
  const bytes = device.read(SUPERBLOCK_OFFSET, SUPERBLOCK_SIZE);
  const view = viewOf(bytes);
  const u32 = (at: number) => view.getUint32(at, true);
  const u16 = (at: number) => view.getUint16(at, true);
  const fail = (reason: string) => new DiskError('corrupt', 'ext superblock', reason, SUPERBLOCK_OFFSET);
  if (u16(0x38) !== MAGIC) throw fail('lacks its magic 0xef53');

  const isOld = u32(0x4c) === 0;
  const features: Features = { compat: u32(0x5c), incompat: u32(0x60), roCompat: u32(0x64) };
  refuseUnknown(features);
  if (has(features, roCompat.metadataChecksum)) {
    if (bytes[0x175] !== CHECKSUM_CRC32C)
      throw new DiskError('unsupported', 'ext superblock', 'names a checksum algorithm other than CRC-32C');
    if (rawCrc32c(bytes.subarray(0, CHECKSUM_AT), 0xffffffff) !== u32(CHECKSUM_AT)) throw fail('has a wrong checksum');
  }

  if (u32(0x18) > 6) throw fail(`gives a block size of 2^${u32(0x18) + 10} bytes; at most 64 KiB are possible`);
  const blockSize = 1024 << u32(0x18);
  const is64Bit = has(features, incompat.is64Bit);
  const blocks = u32(4) + (is64Bit ? u32(0x150) * 2 ** 32 : 0);
  const inodeSize = isOld ? OLD_REVISION_INODE_SIZE : u16(0x58);
  const descriptorSize = is64Bit ? u16(0xfe) : 32;
  if (blocks * blockSize > device.size)
    throw fail(`counts ${blocks} blocks of ${blockSize} bytes, but the volume has only ${device.size} bytes`);
  if (inodeSize < 128 || inodeSize > blockSize || (inodeSize & (inodeSize - 1)) !== 0)
    throw fail(`gives inodes of ${inodeSize} bytes`);
  if (descriptorSize < 32 || descriptorSize > blockSize || (is64Bit && descriptorSize < 64))
    throw fail(`gives group descriptors of ${descriptorSize} bytes`);
  if (u32(0x28) === 0 || u32(0x20) === 0) throw fail('counts no inodes or no blocks in a group');
  const groups = Math.ceil((blocks - u32(0x14)) / u32(0x20));
  if (groups * u32(0x28) !== u32(0)) throw fail(`counts ${u32(0)} inodes, but ${groups} groups of ${u32(0x28)}`);
  const hasClusters = has(features, roCompat.bigAllocation);
  if (hasClusters && (u32(0x1c) < u32(0x18) || u32(0x1c) > 20))
    throw fail(`gives a cluster size of 2^${u32(0x1c) + 10} bytes`);
  const label = new TextDecoder().decode(bytesUntilNul(bytes.subarray(0x78, 0x88)));
  const uuidBytes = bytes.slice(0x68, 0x78);
  return {
    features,
    blockSize,
    clusterSize: hasClusters ? 1024 * 2 ** u32(0x1c) : blockSize,
    blocks,
    firstDataBlock: u32(0x14),
    blocksPerGroup: u32(0x20),
    inodes: u32(0),
    inodesPerGroup: u32(0x28),
    firstInode: isOld ? OLD_REVISION_FIRST_INODE : u32(0x54),
    inodeSize,
    descriptorSize,
    firstMetaGroup: u32(0x104),
    backupGroups: [u32(0x24c), u32(0x250)],
    uuid: uuidText(uuidBytes),
    uuidBytes,
    label: label === '' ? undefined : label,
    checksumSeed: has(features, incompat.checksumSeed) ? u32(0x270) : rawCrc32c(uuidBytes, 0xffffffff),
    journalInode: has(features, compat.hasJournal) ? u32(0xe0) : 0,
    state: u16(0x3a),
    errorCount: u32(0x194),
    firstOrphan: u32(0xe8),
  };
}
