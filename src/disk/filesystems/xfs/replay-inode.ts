import { toSafeNumber, viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import { BASIC_BLOCK, checksumOf } from './metadata-block.ts';
import type { SectorOverlay } from './sector-overlay.ts';
import { blockOffset, type Superblock } from './superblock.ts';

const MAGIC = 0x494e;
const CHECKSUM_AT = 100;
const SEQUENCE_AT = 112;
/** Bytes of struct xfs_dinode and of struct xfs_log_dinode. */
const CORE_SIZE = 176;
/** Bytes of struct xfs_btree_block in memory, and of struct xfs_bmdr_block in an inode, before the keys. */
const MEMORY_ROOT_HEADER = 72;
const ROOT_HEADER = 4;
/** Bytes of struct xfs_inode_log_format; one of 32-bit machines lacks four bytes of padding. */
const FORMAT_SIZE = 56;
/** XFS_ILOG_*: what was logged beside the core. */
const field = { data: 0x2, extents: 0x4, root: 0x8, dataOwner: 0x200 } as const;
/** Widths of the fields of struct xfs_log_dinode, whose byte order is the machine's. The counters' unions are alike. */
const coreFields = [2, 2, 1, 1, 2, 4, 4, 4, 2, 2] as const;
const afterCounters = [8, 8, 4, 4, 2, 1, 1, 4, 2, 2, 4] as const;
const COUNTERS_AT = 24;
const TIMES_AT = 32;
const SIZE_AT = 56;
/** NULLCOMMITLSN: never logged. */
const NO_SEQUENCE = 0xffffffffffffffffn;
/** XFS_DIFLAG2_BIGTIME. */
const BIG_TIME = 1 << 3;

/** struct xfs_inode_log_format. */
export interface InodeItem {
  readonly fields: number;
  readonly inode: number;
  /** Basic block of the buffer that holds the inode, their number, and the inode's byte within. */
  readonly place: number;
  readonly length: number;
  readonly within: number;
}

/** @throws {DiskError} when it is cut short */
export function parseInodeItem(region: Uint8Array): InodeItem {
  const shift = region.length >= FORMAT_SIZE ? 0 : -4;
  if (region.length < FORMAT_SIZE - 4) throw fail('has an inode item that is cut short');
  const view = viewOf(region);
  return {
    fields: view.getUint32(4, true),
    inode: toSafeNumber(view.getBigUint64(16 + shift, true), 'inode in the XFS log'),
    place: toSafeNumber(view.getBigInt64(40 + shift, true), 'place of an inode in the XFS log'),
    length: view.getUint32(48 + shift, true),
    within: view.getUint32(52 + shift, true),
  };
}

/**
 * Brings one inode to the state that was logged, unless the volume has a later one already
 * (xlog_recover_inode_commit_pass2 of fs/xfs/xfs_inode_item_recover.c). Attributes are left as they are: none is read.
 */
export function replayInode(
  overlay: SectorOverlay,
  superblock: Superblock,
  item: InodeItem,
  regions: readonly Uint8Array[],
  sequence: bigint,
): void {
  const { inodeSize } = superblock;
  const offset = item.place * BASIC_BLOCK + item.within;
  const sector = Math.floor(offset / BASIC_BLOCK) * BASIC_BLOCK;
  if (item.within % inodeSize !== 0 || offset + inodeSize > superblock.blocks * superblock.blockSize)
    throw fail(`has inode ${item.inode} for byte ${offset}, where none is`);
  // A sector may hold two inodes.
  const bytes = new Uint8Array(overlay.read(sector, Math.max(inodeSize, BASIC_BLOCK)));
  const inode = bytes.subarray(offset - sector, offset - sector + inodeSize);
  const core = regions[1];
  if (viewOf(inode).getUint16(0) !== MAGIC) throw fail(`has inode ${item.inode} for a place without inodes`);
  if (!core || core.length < CORE_SIZE || viewOf(core).getUint16(0, true) !== MAGIC)
    throw fail(`has inode ${item.inode} without its core`);
  if ((item.fields & field.dataOwner) !== 0)
    throw new DiskError('unsupported', 'XFS log', `exchanges the contents of inode ${item.inode} with another's`);
  const stored = viewOf(inode).getBigUint64(SEQUENCE_AT);
  if (stored !== NO_SEQUENCE && stored > sequence) return;
  putCore(inode, core);
  viewOf(inode).setBigUint64(SEQUENCE_AT, sequence);
  putFork(inode, item, regions[2]);
  viewOf(inode).setUint32(CHECKSUM_AT, checksumOf(inode, CHECKSUM_AT), true);
  overlay.write(sector, bytes);
}

/** Turns the byte order of each field: xfs_log_dinode_to_disk. What is not logged, di_next_unlinked, stays. */
function putCore(inode: Uint8Array, core: Uint8Array): void {
  const put = (at: number, ...widths: readonly number[]): void => {
    let place = at;
    for (const width of widths) {
      for (let index = 0; index < width; index++) inode[place + index] = core[place + width - 1 - index] ?? 0;
      place += width;
    }
  };
  const flags2 = viewOf(core).getUint32(120, true);
  const times = (flags2 & BIG_TIME) !== 0 ? [8] : [4, 4];
  put(0, ...coreFields);
  put(TIMES_AT, ...times, ...times, ...times);
  put(SIZE_AT, ...afterCounters);
  put(COUNTERS_AT, 8);
  put(104, 8);
  put(120, 8, 4);
  inode.fill(0, 132, 144);
  put(144, ...times);
  put(152, 8);
  inode.set(core.subarray(160, 176), 160);
}

/** Contents or extents are logged as they are stored, the root of a tree as the kernel holds it in memory. */
function putFork(inode: Uint8Array, item: InodeItem, region: Uint8Array | undefined): void {
  const kind = item.fields & (field.data | field.extents | field.root);
  if (kind === 0) return;
  const attributes = viewOf(inode).getUint8(82) * 8;
  const room = attributes === 0 ? inode.length - CORE_SIZE : attributes;
  if (CORE_SIZE + room > inode.length) throw fail(`has inode ${item.inode} with attributes beyond its end`);
  if (!region) throw fail(`has inode ${item.inode} without its contents`);
  const fork = inode.subarray(CORE_SIZE, CORE_SIZE + room);
  if (kind === field.root) putRoot(fork, item, region);
  else if (region.length > room) throw fail(`has ${region.length} bytes for inode ${item.inode}, which has ${room}`);
  else fork.set(region);
}

/** xfs_bmbt_to_bmdr: keys and pointers move together, as the short header leaves another number of places. */
function putRoot(fork: Uint8Array, item: InodeItem, region: Uint8Array): void {
  const roomBefore = Math.floor((region.length - MEMORY_ROOT_HEADER) / 16);
  const roomAfter = Math.floor((fork.length - ROOT_HEADER) / 16);
  const count = region.length < MEMORY_ROOT_HEADER ? 0 : viewOf(region).getUint16(6);
  if (count === 0 || count > roomBefore || count > roomAfter)
    throw fail(`has a wrong tree root for inode ${item.inode}`);
  fork.set(region.subarray(4, 8));
  fork.set(region.subarray(MEMORY_ROOT_HEADER, MEMORY_ROOT_HEADER + count * 8), ROOT_HEADER);
  const pointers = MEMORY_ROOT_HEADER + roomBefore * 8;
  fork.set(region.subarray(pointers, pointers + count * 8), ROOT_HEADER + roomAfter * 8);
}

/** struct xfs_icreate_log: a run of inodes that was made and is all free yet; with the high byte first. */
export interface CreationItem {
  /** Byte on the volume, and number of bytes. */
  readonly offset: number;
  readonly size: number;
  /** Number of the first inode. */
  readonly first: number;
  readonly generation: number;
}

/** @throws {DiskError} when it is cut short or describes no place */
export function parseCreationItem(superblock: Superblock, region: Uint8Array): CreationItem {
  if (region.length < 28) throw fail('has an inode creation that is cut short');
  const view = viewOf(region);
  const { groupBlockBits, inodeBits, inodeSize, blockSize } = superblock;
  const block = view.getUint32(4) * 2 ** groupBlockBits + view.getUint32(8);
  const [count, size, length] = [view.getUint32(12), view.getUint32(16), view.getUint32(20)];
  if (size !== inodeSize || count === 0 || count * size !== length * blockSize)
    throw fail(`creates ${count} inodes of ${size} bytes in ${length} blocks`);
  const offset = blockOffset(superblock, block, length, 'XFS log');
  return { offset, size: length * blockSize, first: block * 2 ** inodeBits, generation: view.getUint32(24) };
}

/** xfs_ialloc_inode_init of the kernel's libxfs. */
export function replayCreation(overlay: SectorOverlay, superblock: Superblock, item: CreationItem): void {
  const { inodeSize, metaUuid } = superblock;
  const bytes = new Uint8Array(item.size);
  for (let at = 0; at < item.size; at += inodeSize) {
    const inode = bytes.subarray(at, at + inodeSize);
    const view = viewOf(inode);
    view.setUint16(0, MAGIC);
    view.setUint8(4, 3);
    view.setUint32(92, item.generation);
    view.setUint32(96, 0xffffffff);
    view.setBigUint64(152, BigInt(item.first + at / inodeSize));
    inode.set(metaUuid, 160);
    view.setUint32(CHECKSUM_AT, checksumOf(inode, CHECKSUM_AT), true);
  }
  overlay.write(item.offset, bytes);
}

function fail(reason: string): DiskError {
  return new DiskError('corrupt', 'XFS log', reason);
}
