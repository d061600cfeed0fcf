import { rawCrc32c } from '../../src/disk/checksums.ts';
import { attemptDisk, DiskError } from '../../src/disk/disk-error.ts';
import { hasRightEntryChecksum, hasRightHashChecksum } from '../../src/disk/filesystems/ext/directory-checksum.ts';
import { inodeTableOf } from '../../src/disk/filesystems/ext/group.ts';
import { type Inode, readInode } from '../../src/disk/filesystems/ext/inode.ts';
import { runsOf } from '../../src/disk/filesystems/ext/mapping.ts';
import { hasSuperblock, readSuperblock, type Superblock } from '../../src/disk/filesystems/ext/superblock.ts';
import { memoryDisk } from '../disk/memory-disk.ts';
import type { Seal } from './seals.ts';

/** Of every ext file system that begins at a MiB of the disk, with metadata_csum. */
export function extSeals(image: Buffer): Seal[] {
  const seals: Seal[] = [];
  for (let start = 0; start + 65_536 < image.length; start += 1024 * 1024) {
    const device = memoryDisk(image.subarray(start));
    if (!hasSuperblock(device)) continue;
    const superblock = attemptDisk(() => readSuperblock(device));
    if (superblock instanceof DiskError) continue;
    seals.push(...inodeSeals(image, start, superblock), ...directorySeals(image, start, superblock));
    seals.push({ offset: start + 1024, size: 1024, close: (bytes) => closeSuperblock(bytes, start + 1024) });
  }
  return seals;
}

function closeSuperblock(image: Uint8Array, offset: number): void {
  const block = Buffer.from(image.buffer, image.byteOffset + offset, 1024);
  block.writeUInt32LE(rawCrc32c(block.subarray(0, 1020), 0xffffffff), 1020);
}

function placeOf(image: Buffer, start: number, superblock: Superblock, number: number): number | undefined {
  const group = Math.floor((number - 1) / superblock.inodesPerGroup);
  const table = attemptDisk(() => inodeTableOf(memoryDisk(image.subarray(start)), superblock, group));
  if (table instanceof DiskError) return undefined;
  return start + table * superblock.blockSize + ((number - 1) % superblock.inodesPerGroup) * superblock.inodeSize;
}

function inodeSeals(image: Buffer, start: number, superblock: Superblock): Seal[] {
  const size = superblock.inodeSize;
  return Array.from({ length: superblock.inodes }, (_, index) => index + 1).flatMap((number): Seal[] => {
    const offset = placeOf(image, start, superblock, number);
    if (offset === undefined || image.readUInt16LE(offset) === 0) return [];
    return [{ offset, size, close: (bytes) => closeInode(bytes, offset, size, number, superblock) }];
  });
}

function closeInode(bytes: Uint8Array, offset: number, size: number, number: number, superblock: Superblock): void {
  const inode = Buffer.from(bytes.buffer, bytes.byteOffset + offset, size);
  const identity = Buffer.alloc(8);
  identity.writeUInt32LE(number, 0);
  inode.copy(identity, 4, 0x64, 0x68);
  const isWide = size > 128 && inode.readUInt16LE(0x80) >= 4;
  inode.writeUInt16LE(0, 0x7c);
  if (isWide) inode.writeUInt16LE(0, 0x82);
  const value = rawCrc32c(inode, rawCrc32c(identity, superblock.checksumSeed));
  inode.writeUInt16LE(value & 0xffff, 0x7c);
  if (isWide) inode.writeUInt16LE(value >>> 16, 0x82);
}

/** Blocks of directories, by the inode that they belong to. */
function directorySeals(image: Buffer, start: number, superblock: Superblock): Seal[] {
  const device = memoryDisk(image.subarray(start));
  const size = superblock.blockSize;
  const seals: Seal[] = [];
  for (let number = 1; number <= superblock.inodes; number++) {
    const inode = attemptDisk(() => readInode(device, superblock, number));
    if (inode instanceof DiskError || inode.type !== 'directory' || inode.isInline) continue;
    const runs = attemptDisk(() => runsOf(device, superblock, inode, 0, inode.size / size));
    if (runs instanceof DiskError) continue;
    for (const { physical = 0, length } of runs) {
      for (let block = physical; physical > 0 && block < physical + length; block++) {
        const offset = start + block * size;
        seals.push({ offset, size, close: (bytes) => closeDirectory(bytes, offset, size, inode) });
      }
    }
  }
  return seals;
}

function closeDirectory(bytes: Uint8Array, offset: number, size: number, inode: Inode): void {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset + offset, size);
  if (hasRightHashChecksum(inode, block) || hasRightEntryChecksum(inode, block)) return;
  if (block[size - 5] !== 0xde) return;
  block.writeUInt32LE(rawCrc32c(block.subarray(0, size - 12), inode.checksumSeed), size - 4);
}
