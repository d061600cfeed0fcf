import type { BlockDevice } from '../../block-device.ts';
import { hasMagic, isAllZero, toSafeNumber, uuidText, viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import { type Features, featuresOf, versionBit } from './features.ts';
import { hasRightChecksum } from './metadata-block.ts';

/** Bytes of struct xfs_dsb that are looked at; the sector that holds it is at least as large. */
const FIELDS_SIZE = 512;
const CHECKSUM_AT = 224;
/** Kernel's XFS_SB_MAGIC. */
const MAGIC = 'XFSB';
/** Bytes; the kernel's XFS_MAX_LOG_BYTES rounded up. */
const LARGEST_LOG = 2 ** 31;
/** Smallest and largest base-2 logarithms: block (XFS_MIN_BLOCKSIZE_LOG …), sector, inode. */
const logarithms = { block: [9, 16], sector: [9, 15], inode: [8, 11] } as const;
const FLAG_READ_ONLY = 1;

/** Geometry and features, from the first superblock (struct xfs_dsb of the kernel's xfs_format.h). */
export interface Superblock {
  readonly features: Features;
  /** As the user sees it. */
  readonly uuid: string;
  /** Of the user, and of the metadata: the same unless the first was changed. */
  readonly uuidBytes: Uint8Array;
  readonly metaUuid: Uint8Array;
  readonly label: string | undefined;
  /** Bytes, here and in the next four. */
  readonly blockSize: number;
  readonly sectorSize: number;
  readonly inodeSize: number;
  readonly directoryBlockSize: number;
  readonly logStripeUnit: number;
  /** File system blocks in all, and in each allocation group but the last. */
  readonly blocks: number;
  readonly groupBlocks: number;
  readonly groups: number;
  /** Bits of a block number that count within the group. */
  readonly groupBlockBits: number;
  /** Bits of an inode number that count within a block. */
  readonly inodeBits: number;
  readonly rootInode: number;
  /** File system block where the log begins; 0 for a log on another device. */
  readonly logStart: number;
  readonly logBlocks: number;
  readonly logIncompat: number;
  readonly isReadOnly: boolean;
}

/** Whether the magic of XFS stands where it belongs. */
export function hasSuperblock(device: BlockDevice): boolean {
  return device.size >= FIELDS_SIZE && hasMagic(device.read(0, 4), 0, MAGIC);
}

/** @throws {DiskError} when it contradicts itself, its checksum is wrong or it has a feature that is not read */
export function readSuperblock(device: BlockDevice): Superblock {
  if (!hasSuperblock(device)) throw fail(`lacks its magic ${MAGIC}`);
  const bytes = device.read(0, FIELDS_SIZE);
  const view = viewOf(bytes);
  const u8 = (at: number) => view.getUint8(at);
  const u16 = (at: number) => view.getUint16(at);
  const u32 = (at: number) => view.getUint32(at);
  const u64 = (at: number, name: string) => toSafeNumber(view.getBigUint64(at), `XFS superblock's ${name}`);
  const features = featuresOf({
    version: u16(100),
    second: u32(200) | u32(204),
    roCompat: u32(212),
    incompat: u32(216),
  });
  const sectorSize = powerOfTwo(u16(102), u8(121), logarithms.sector, 'sectors');
  if (features.isV5 && !hasRightChecksum(device.read(0, Math.min(sectorSize, device.size)), CHECKSUM_AT))
    throw fail('has a wrong checksum');
  if (u8(126) !== 0) throw fail('says that mkfs has not finished; the kernel refuses to mount it');
  const blockSize = powerOfTwo(u32(4), u8(120), logarithms.block, 'blocks');
  const inodeSize = powerOfTwo(u16(104), u8(122), logarithms.inode, 'inodes');
  if (inodeSize > blockSize || u8(123) !== u8(120) - u8(122)) throw fail(`counts 2^${u8(123)} inodes in a block`);
  if (u8(192) + u8(120) > logarithms.block[1]) throw fail(`gives directory blocks of 2^${u8(192)} blocks`);
  const groupBlocks = u32(84);
  const groupBlockBits = u8(124);
  if (groupBlocks < 2 || groupBlockBits !== 32 - Math.clz32(groupBlocks - 1))
    throw fail(`counts ${groupBlocks} blocks in a group and addresses 2^${groupBlockBits}`);
  const blocks = u64(8, 'number of blocks');
  const groups = u32(88);
  if (groups === 0 || groups !== Math.ceil(blocks / groupBlocks))
    throw fail(`counts ${blocks} blocks and ${groups} groups of ${groupBlocks}`);
  if (blocks * blockSize > device.size)
    throw fail(`counts ${blocks} blocks of ${blockSize} bytes, but the volume has only ${device.size} bytes`);
  const logBlocks = u32(96);
  if (logBlocks * blockSize > LARGEST_LOG) throw fail(`counts ${logBlocks} blocks in the log`);
  const hasLogSector = (u16(100) & versionBit.logSector) !== 0;
  if (hasLogSector && u16(194) !== 2 ** u8(193)) throw fail(`gives sectors of ${u16(194)} bytes in the log`);
  const uuidBytes = bytes.slice(32, 48);
  return {
    features,
    uuid: uuidText(uuidBytes),
    uuidBytes,
    metaUuid: features.hasMetaUuid ? bytes.slice(248, 264) : uuidBytes,
    label: labelOf(bytes.subarray(108, 120)),
    blockSize,
    sectorSize,
    inodeSize,
    directoryBlockSize: blockSize * 2 ** u8(192),
    logStripeUnit: u32(196),
    blocks,
    groupBlocks,
    groups,
    groupBlockBits,
    inodeBits: u8(123),
    rootInode: u64(56, 'root inode'),
    logStart: u64(48, 'start of the log'),
    logBlocks,
    logIncompat: features.isV5 ? u32(220) : 0,
    isReadOnly: (u8(178) & FLAG_READ_ONLY) !== 0,
  };
}

function powerOfTwo(size: number, logarithm: number, [least, most]: readonly [number, number], what: string): number {
  if (logarithm < least || logarithm > most || size !== 2 ** logarithm)
    throw fail(`gives ${what} of ${size} bytes and 2^${logarithm} bytes`);
  return size;
}

function labelOf(bytes: Uint8Array): string | undefined {
  if (isAllZero(bytes)) return undefined;
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end)) || undefined;
}

function fail(reason: string): DiskError {
  return new DiskError('corrupt', 'XFS superblock', reason, 0);
}

/**
 * Byte on the volume where a file system block begins, the number being that of a group and a place within it.
 *
 * @param count Blocks that follow one another and must all lie within the group.
 * @param structure Names what points there, for the error.
 * @throws {DiskError} when they do not
 */
export function blockOffset(superblock: Superblock, block: number, count: number, structure: string): number {
  const { groupBlockBits, groupBlocks, blocks, blockSize } = superblock;
  const group = Math.floor(block / 2 ** groupBlockBits);
  const within = block - group * 2 ** groupBlockBits;
  const linear = group * groupBlocks + within;
  if (within + count > groupBlocks || linear + count > blocks)
    throw new DiskError('corrupt', structure, `points to block ${block} (${count} long), which the volume has not`);
  return linear * blockSize;
}
