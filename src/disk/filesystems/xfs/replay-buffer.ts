import { toSafeNumber, viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import { BASIC_BLOCK, checksumOf, isSameUuid } from './metadata-block.ts';
import type { SectorOverlay } from './sector-overlay.ts';
import type { Superblock } from './superblock.ts';

/** Bytes that one bit of the map stands for: XFS_BLF_CHUNK. */
const CHUNK = 128;
const MAP_AT = 20;
/** XFS_BLF_INODE_BUF, XFS_BLF_CANCEL and the three of quotas. */
const flag = { inodes: 1 << 0, cancel: 1 << 1, quota: 0b11100 } as const;

/** struct xfs_buf_log_format: which parts of a buffer were logged. */
export interface BufferItem {
  /** Basic block on the volume, and their number. */
  readonly place: number;
  readonly length: number;
  /** The buffer was freed: what the log holds of it from before must not be replayed. */
  readonly isCancel: boolean;
  /** Of inodes only the list of deleted ones is logged this way; quotas are not read at all. */
  readonly isIrrelevant: boolean;
  readonly map: Uint8Array;
}

/** @throws {DiskError} when it is cut short or describes no place */
export function parseBufferItem(region: Uint8Array): BufferItem {
  if (region.length < MAP_AT) throw fail('has a buffer item that is cut short');
  const view = viewOf(region);
  const flags = view.getUint16(4, true);
  const mapSize = view.getUint32(16, true) * 4;
  if (MAP_AT + mapSize > region.length) throw fail('has a buffer item whose map is cut short');
  return {
    place: toSafeNumber(view.getBigInt64(8, true), 'place of a buffer in the XFS log'),
    length: view.getUint16(6, true),
    isCancel: (flags & flag.cancel) !== 0,
    isIrrelevant: (flags & (flag.inodes | flag.quota)) !== 0,
    map: region.subarray(MAP_AT, MAP_AT + mapSize),
  };
}

/** Kinds of block by magic: where the sequence number of the last change, the UUID and the checksum stand. */
interface Stamp {
  readonly sequence: number;
  readonly uuid: number;
  readonly checksum: number;
}
const shortTree: Stamp = { sequence: 24, uuid: 32, checksum: 52 };
const longTree: Stamp = { sequence: 32, uuid: 40, checksum: 64 };
const directory: Stamp = { sequence: 16, uuid: 24, checksum: 4 };
const link: Stamp = { sequence: 48, uuid: 16, checksum: 12 };
const stamps: ReadonlyMap<number, Stamp> = new Map([
  [0x41423342, shortTree],
  [0x41423343, shortTree],
  [0x49414233, shortTree],
  [0x46494233, shortTree],
  [0x524d4233, shortTree],
  [0x52334643, shortTree],
  [0x424d4133, longTree],
  [0x58444233, directory],
  [0x58444433, directory],
  [0x58444633, directory],
  [0x58534c4d, link],
]);
const SUPERBLOCK_MAGIC = 0x58465342;
/** Magics of hash blocks of directories and attributes, at their byte 8. */
const hashMagics: ReadonlySet<number> = new Set([0x3df1, 0x3dff, 0x3ebe, 0x3bee]);
const hashBlock: Stamp = { sequence: 24, uuid: 32, checksum: 12 };

function stampOf(bytes: Uint8Array, superblock: Superblock): Stamp | undefined {
  const view = viewOf(bytes);
  const magic = view.getUint32(0);
  if (magic === SUPERBLOCK_MAGIC)
    return { sequence: 240, uuid: superblock.features.hasMetaUuid ? 248 : 32, checksum: 224 };
  return stamps.get(magic) ?? (hashMagics.has(view.getUint16(8)) ? hashBlock : undefined);
}

/**
 * Copies the logged parts of a buffer to their places, unless the volume has it in a later form already
 * (xlog_recover_buf_commit_pass2 of fs/xfs/xfs_buf_item_recover.c).
 */
export function replayBuffer(
  overlay: SectorOverlay,
  superblock: Superblock,
  item: BufferItem,
  regions: readonly Uint8Array[],
  sequence: bigint,
): void {
  const offset = item.place * BASIC_BLOCK;
  const size = item.length * BASIC_BLOCK;
  if (size === 0 || offset + size > superblock.blocks * superblock.blockSize)
    throw fail(`has a buffer of ${size} bytes for byte ${offset}, which the volume has not`);
  const bytes = new Uint8Array(overlay.read(offset, size));
  const before = stampOf(bytes, superblock);
  if (before && isSameUuid(bytes.subarray(before.uuid, before.uuid + 16), superblock.metaUuid)) {
    const stored = viewOf(bytes).getBigUint64(before.sequence);
    if (stored !== 0n && stored !== 0xffffffffffffffffn && stored >= sequence) return;
  }
  copyRegions(bytes, item, regions);
  const after = stampOf(bytes, superblock);
  // The log holds checksums as they were before the change.
  if (after) viewOf(bytes).setUint32(after.checksum, checksumOf(bytes, after.checksum), true);
  overlay.write(offset, bytes);
}

/** xlog_recover_do_reg_buffer: a region for each run of bits, or more where a run was logged in pieces. */
function copyRegions(bytes: Uint8Array, { map }: BufferItem, regions: readonly Uint8Array[]): void {
  const bits = map.length * 8;
  // Words of the map have the low byte first, so bits count up from byte to byte.
  const isSet = (bit: number) => bit < bits && (((map[bit >> 3] ?? 0) >> (bit & 7)) & 1) !== 0;
  let index = 1;
  for (let bit = 0; bit < bits; ) {
    if (!isSet(bit)) {
      bit += 1;
      continue;
    }
    let end = bit;
    while (isSet(end)) end += 1;
    const region = regions[index++];
    const chunks = Math.min(end - bit, Math.floor((region?.length ?? 0) / CHUNK));
    if (!region || chunks === 0 || (bit + chunks) * CHUNK > bytes.length)
      throw fail('has a buffer whose regions do not fit its map');
    bytes.set(region.subarray(0, chunks * CHUNK), bit * CHUNK);
    bit += chunks;
  }
  if (index !== regions.length) throw fail('has a buffer whose regions do not fit its map');
}

function fail(reason: string): DiskError {
  return new DiskError('corrupt', 'XFS log', reason);
}
