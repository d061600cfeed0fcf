import type { FileType } from '../../../files/file-status.ts';
import type { BlockDevice } from '../../block-device.ts';
import { toSafeNumber, viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import { typeOfMode } from '../../file-types.ts';
import { hasRightChecksum, isSameUuid } from './metadata-block.ts';
import { blockOffset, type Superblock } from './superblock.ts';

const MAGIC = 0x494e;
const CHECKSUM_AT = 100;
/** Bytes before the data fork: struct xfs_dinode without and with the fields of version 3. */
const CORE_SIZE = 100;
const CORE_SIZE_V3 = 176;
/** XFS_DIFLAG_REALTIME. */
const FLAG_REAL_TIME = 1;
/** XFS_DIFLAG2_BIGTIME and XFS_DIFLAG2_NREXT64, in the low word of di_flags2. */
const FLAG2_BIG_TIME = 1 << 3;
const FLAG2_LARGE_COUNTS = 1 << 4;
/** Seconds before 1970 at which the 64-bit times begin: XFS_BIGTIME_EPOCH_OFFSET. */
const BIG_TIME_EPOCH = 2 ** 31;

/** Values of di_format that lead to contents. */
const formats = ['device', 'local', 'extents', 'btree'] as const;
export type ForkFormat = (typeof formats)[number];

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
  /** The contents lie on a device of their own. */
  readonly isRealTime: boolean;
  readonly format: ForkFormat;
  /** Extents of the data fork. */
  readonly extentCount: number;
  /** The data fork: contents, extents or the root of their tree. */
  readonly fork: Uint8Array;
}

/** Byte on the volume where the inode lies; its number is made of its group, block and place in that. */
export function inodeOffset(superblock: Superblock, number: number): number {
  const { inodeBits, inodeSize } = superblock;
  const block = Math.floor(number / 2 ** inodeBits);
  return blockOffset(superblock, block, 1, `XFS inode ${number}`) + (number - block * 2 ** inodeBits) * inodeSize;
}

/** @throws {DiskError} when the number is none of this file system, or the inode is free, or damaged */
export function readInode(device: BlockDevice, superblock: Superblock, number: number): Inode {
  const structure = `XFS inode ${number}`;
  const offset = inodeOffset(superblock, number);
  const bytes = device.read(offset, superblock.inodeSize);
  const view = viewOf(bytes);
  const fail = (reason: string) => new DiskError('corrupt', structure, reason, offset);
  if (view.getUint16(0) !== MAGIC) throw fail('lacks its magic IN');
  const version = view.getUint8(4);
  if (superblock.features.isV5) {
    if (!hasRightChecksum(bytes, CHECKSUM_AT)) throw fail('has a wrong checksum');
    if (version !== 3) throw fail(`has the version ${version}, expected 3`);
    if (view.getBigUint64(152) !== BigInt(number)) throw fail(`says that it is inode ${view.getBigUint64(152)}`);
    if (!isSameUuid(bytes.subarray(160, 176), superblock.metaUuid)) throw fail('belongs to another file system');
  } else if (version !== 1 && version !== 2) throw fail(`has the version ${version}, expected 1 or 2`);
  const mode = view.getUint16(2);
  const type = typeOfMode(mode);
  if (type === undefined) throw fail(mode === 0 ? 'is referred to and free' : `has the mode 0o${mode.toString(8)}`);
  const links = version === 1 ? view.getUint16(6) : view.getUint32(16);
  // Names lead to it, so it is no file that was deleted and is still open.
  if (links === 0) throw fail('is referred to and deleted');
  const format = formats[view.getUint8(5)];
  if (format === undefined) throw fail(`has its contents in the unknown form ${view.getUint8(5)}`);
  const flags2 = version === 3 ? view.getUint32(124) : 0;
  const hasLargeCounts = (flags2 & FLAG2_LARGE_COUNTS) !== 0;
  return {
    number,
    type,
    mode: mode & 0o7777,
    uid: view.getUint32(8),
    gid: view.getUint32(12),
    size: toSafeNumber(view.getBigUint64(56), `size of ${structure}`),
    mtime: timeAt(view, 40, (flags2 & FLAG2_BIG_TIME) !== 0),
    isRealTime: (view.getUint16(90) & FLAG_REAL_TIME) !== 0,
    format,
    extentCount: hasLargeCounts
      ? toSafeNumber(view.getBigUint64(24), `number of extents of ${structure}`)
      : view.getUint32(76),
    fork: forkOf(bytes, version === 3 ? CORE_SIZE_V3 : CORE_SIZE, fail),
  };
}

/** di_forkoff tells where attributes begin, in units of 8 bytes after the core; 0 when there are none. */
function forkOf(bytes: Uint8Array, start: number, fail: (reason: string) => DiskError): Uint8Array {
  const attributes = viewOf(bytes).getUint8(82) * 8;
  if (start + attributes > bytes.length) throw fail(`has attributes ${attributes} bytes behind its core`);
  return bytes.slice(start, attributes === 0 ? bytes.length : start + attributes);
}

function timeAt(view: DataView, at: number, isBig: boolean): number {
  if (!isBig) return view.getInt32(at);
  return Number(view.getBigUint64(at) / 1_000_000_000n) - BIG_TIME_EPOCH;
}
