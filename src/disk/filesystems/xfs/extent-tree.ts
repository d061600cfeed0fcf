import type { BlockDevice } from '../../block-device.ts';
import { type BoundedCache, boundedCache } from '../../bounded-cache.ts';
import { toSafeNumber, viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import { diskLimits } from '../../limits.ts';
import type { Inode } from './inode.ts';
import { treeIdentity, verifyIdentity } from './metadata-block.ts';
import { blockOffset, type Superblock } from './superblock.ts';

const EXTENT_SIZE = 16;
const POINTER_SIZE = 8;
/** Level and number of records, which is all the header that the root in an inode has: struct xfs_bmdr_block. */
const ROOT_HEADER_SIZE = 4;
/** XFS_BMAP_MAGIC and XFS_BMAP_CRC_MAGIC, with the bytes before their records. */
const plainBlock = { magic: 0x424d4150, headerSize: 24 };
const checkedBlock = { magic: 0x424d4133, headerSize: 72 };

/** Blocks of a file that follow one another on the volume too. Holes and unwritten extents are left out. */
export interface Run {
  /** Block of the file. */
  readonly logical: number;
  readonly length: number;
  /** Block number with its group; see `blockOffset`. */
  readonly physical: number;
}

/** A volume together with what is kept of it. */
export interface Source {
  readonly device: BlockDevice;
  readonly superblock: Superblock;
  /** Verified blocks of extent trees by block number and owner. */
  readonly treeBlocks: BoundedCache<string, Uint8Array>;
}

/** Blocks of extent trees that are kept; the largest have 64 KiB. */
const CACHED_BLOCKS = 128;

export function sourceOf(device: BlockDevice, superblock: Superblock): Source {
  return { device, superblock, treeBlocks: boundedCache(CACHED_BLOCKS) };
}

/** Part of a file's blocks, the end excluded. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** Runs within `count` blocks of the file from `first`, in order. */
export function runsOf(source: Source, inode: Inode, first: number, count: number): Run[] {
  const runs: Run[] = [];
  const wanted = { from: first, to: first + count };
  const everything = { from: 0, to: Number.POSITIVE_INFINITY };
  if (inode.format === 'extents') {
    if (inode.extentCount * EXTENT_SIZE > inode.fork.length)
      throw fail(inode, `has ${inode.extentCount} extents in ${inode.fork.length} bytes`);
    collectExtents(inode, viewOf(inode.fork), 0, inode.extentCount, wanted, everything, runs);
  } else if (inode.format === 'btree') {
    const view = viewOf(inode.fork);
    if (inode.fork.length < ROOT_HEADER_SIZE) throw fail(inode, 'has no room for the root of its tree');
    const node = { view, headerSize: ROOT_HEADER_SIZE, level: view.getUint16(0), records: view.getUint16(2) };
    if (node.level === 0) throw fail(inode, 'has a tree of no levels');
    if (node.level > diskLimits.treeDepth)
      throw new DiskError('limit', `XFS inode ${inode.number}`, `has a tree of ${node.level} levels (limit treeDepth)`);
    collectBelow(source, inode, node, wanted, everything, runs);
  } else throw fail(inode, `has no extents, but contents in the form ${inode.format}`);
  return runs;
}

interface Node {
  readonly view: DataView;
  readonly headerSize: number;
  readonly level: number;
  readonly records: number;
}

/** Keys and then pointers, each list with room for as many as fit. */
function collectBelow(source: Source, inode: Inode, node: Node, wanted: Range, allowed: Range, runs: Run[]): void {
  const { view, headerSize, level, records } = node;
  const room = Math.floor((view.byteLength - headerSize) / (2 * POINTER_SIZE));
  if (records === 0 || records > room)
    throw fail(inode, `has a tree node of ${records} entries, with room for ${room}`);
  const keyOf = (index: number) =>
    toSafeNumber(view.getBigUint64(headerSize + index * POINTER_SIZE), `tree of XFS inode ${inode.number}`);
  for (let index = 0; index < records; index++) {
    const from = index === 0 ? allowed.from : keyOf(index);
    const to = index + 1 < records ? keyOf(index + 1) : allowed.to;
    // Disjoint ranges, with what lies in them checked against them, let no block be visited twice.
    if (from < allowed.from || from >= to || to > allowed.to)
      throw fail(inode, 'has a tree whose keys are not in order');
    if (to <= wanted.from) continue;
    if (from >= wanted.to) break;
    const pointer = view.getBigUint64(headerSize + (room + index) * POINTER_SIZE);
    const block = toSafeNumber(pointer, `tree of XFS inode ${inode.number}`);
    const child = readNode(source, inode, block, level - 1);
    if (child.level > 0) collectBelow(source, inode, child, wanted, { from, to }, runs);
    else collectExtents(inode, child.view, child.headerSize, child.records, wanted, { from, to }, runs);
  }
}

function readNode({ device, superblock, treeBlocks }: Source, inode: Inode, block: number, level: number): Node {
  const structure = `extent tree of XFS inode ${inode.number}`;
  const { isV5 } = superblock.features;
  const kind = isV5 ? checkedBlock : plainBlock;
  const offset = blockOffset(superblock, block, 1, structure);
  const bytes = treeBlocks.get(`${block}:${inode.number}`, () => {
    const read = device.read(offset, superblock.blockSize);
    if (viewOf(read).getUint32(0) !== kind.magic) throw new DiskError('corrupt', structure, 'lacks its magic', offset);
    if (isV5) verifyIdentity(read, treeIdentity, { offset, owner: inode.number, uuid: superblock.metaUuid, structure });
    return read;
  });
  const view = viewOf(bytes);
  if (view.getUint16(4) !== level)
    throw new DiskError('corrupt', structure, `is at level ${view.getUint16(4)}, expected ${level}`, offset);
  return { view, headerSize: kind.headerSize, level, records: view.getUint16(6) };
}

/** Records of 128 bits: one of state, 54 of place in the file, 52 of block number, 21 of length (xfs_bmbt_rec). */
function collectExtents(
  inode: Inode,
  view: DataView,
  start: number,
  count: number,
  wanted: Range,
  allowed: Range,
  runs: Run[],
): void {
  if (start + count * EXTENT_SIZE > view.byteLength) throw fail(inode, `has ${count} extents in too little room`);
  if (start > 0 && count === 0) throw fail(inode, 'has an empty block in its extent tree');
  let end = allowed.from;
  for (let at = start; at < start + count * EXTENT_SIZE; at += EXTENT_SIZE) {
    const [a, b] = [view.getUint32(at), view.getUint32(at + 4)];
    const [c, d] = [view.getUint32(at + 8), view.getUint32(at + 12)];
    const isUnwritten = a >= 0x80000000;
    const logical = (a % 0x80000000) * 2 ** 23 + Math.floor(b / 2 ** 9);
    const physical = (b % 2 ** 9) * 2 ** 43 + c * 2 ** 11 + Math.floor(d / 2 ** 21);
    const length = d % 2 ** 21;
    if (length === 0 || logical < end || logical + length > allowed.to)
      throw fail(inode, 'has extents that are empty or not in order');
    end = logical + length;
    if (end <= wanted.from || isUnwritten) continue;
    if (logical >= wanted.to) return;
    const skipped = Math.max(0, wanted.from - logical);
    if (runs.length >= diskLimits.extentsPerFile)
      throw new DiskError('limit', `XFS inode ${inode.number}`, 'has too many extents (limit extentsPerFile)');
    runs.push({
      logical: logical + skipped,
      length: Math.min(length - skipped, wanted.to - (logical + skipped)),
      physical: physical + skipped,
    });
  }
}

function fail(inode: Inode, reason: string): DiskError {
  return new DiskError('corrupt', `XFS inode ${inode.number}`, reason);
}
