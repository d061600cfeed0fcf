import type { BlockDevice } from '../../block-device.ts';
import { viewOf } from '../../bytes.ts';
import { rawCrc16, rawCrc32c } from '../../checksums.ts';
import { DiskError } from '../../disk-error.ts';
import { compat, has, incompat, roCompat } from './features.ts';
import type { Superblock } from './superblock.ts';

/**
 * Number of the block where a group's inode table starts, from its group descriptor.
 *
 * @throws {DiskError} when the descriptor has a wrong checksum
 */
export function inodeTableOf(device: BlockDevice, superblock: Superblock, group: number): number {
  const { blockSize, descriptorSize } = superblock;
  const perBlock = Math.floor(blockSize / descriptorSize);
  const block = descriptorBlock(superblock, Math.floor(group / perBlock));
  const offset = block * blockSize + (group % perBlock) * descriptorSize;
  const bytes = device.read(offset, descriptorSize);
  const view = viewOf(bytes);
  const checksum = checksumOf(superblock, group, bytes);
  if (checksum !== undefined && view.getUint16(0x1e, true) !== checksum)
    throw new DiskError('corrupt', `ext descriptor of group ${group}`, 'has a wrong checksum', offset);
  const high = descriptorSize >= 64 ? view.getUint32(0x28, true) * 2 ** 32 : 0;
  return high + view.getUint32(0x8, true);
}

/** ext4_group_desc_csum of fs/ext4/super.c; undefined when descriptors have none here. */
function checksumOf(superblock: Superblock, group: number, bytes: Uint8Array): number | undefined {
  const { features, checksumSeed, uuidBytes } = superblock;
  const number = new Uint8Array(4);
  viewOf(number).setUint32(0, group, true);
  if (has(features, roCompat.metadataChecksum)) {
    const start = rawCrc32c(bytes.subarray(0, 0x1e), rawCrc32c(number, checksumSeed));
    return rawCrc32c(bytes.subarray(0x20), rawCrc32c(new Uint8Array(2), start)) & 0xffff;
  }
  if (!has(features, roCompat.groupChecksum)) return undefined;
  const start = rawCrc16(bytes.subarray(0, 0x1e), rawCrc16(number, rawCrc16(uuidBytes, 0xffff)));
  return rawCrc16(bytes.subarray(0x20), start);
}

/** descriptor_loc of fs/ext4/super.c: with 1 KiB blocks the superblock is block 1, even where data begin at block 0. */
function descriptorBlock(superblock: Superblock, index: number): number {
  const { blockSize, firstDataBlock, blocksPerGroup, features, firstMetaGroup, descriptorSize } = superblock;
  if (!has(features, incompat.metaGroups) || index < firstMetaGroup) return (blockSize === 1024 ? 1 : 0) + 1 + index;
  const group = index * Math.floor(blockSize / descriptorSize);
  const behindSuperblock = hasSuperblockCopy(superblock, group) ? 1 : 0;
  const behindBootBlock = blockSize === 1024 && index === 0 && firstDataBlock === 0 ? 1 : 0;
  return firstDataBlock + group * blocksPerGroup + behindSuperblock + behindBootBlock;
}

function hasSuperblockCopy({ features, backupGroups }: Superblock, group: number): boolean {
  if (group === 0) return true;
  if (has(features, compat.sparseSuper2)) return backupGroups.includes(group);
  if (group === 1 || !has(features, roCompat.sparseSuper)) return true;
  return [3, 5, 7].some((base) => isPower(group, base));
}

function isPower(value: number, base: number): boolean {
  let power = base;
  while (power < value) power *= base;
  return power === value;
}
