import type { BlockDevice } from '../../block-device.ts';
import { viewOf } from '../../bytes.ts';
import { rawCrc32c } from '../../checksums.ts';
import { DiskError } from '../../disk-error.ts';
import { diskLimits } from '../../limits.ts';
import { has, roCompat } from './features.ts';
import type { Inode } from './inode.ts';
import type { Superblock } from './superblock.ts';

/** A run of blocks of a file; a hole, or space that was never written, has no place on the volume and reads as zeros. */
export interface Run {
  /** First block within the file. */
  readonly logical: number;
  /** Blocks. */
  readonly length: number;
  /** First block on the volume. */
  readonly physical: number | undefined;
}

const EXTENT_MAGIC = 0xf30a;
const HEADER_SIZE = 12;
const ENTRY_SIZE = 12;
/** Longer ones are allocated and not written: EXT_INIT_MAX_LEN of fs/ext4/ext4_extents.h. */
const LONGEST_WRITTEN = 32768;
/** EXT4_MAX_EXTENT_DEPTH. */
const DEEPEST = 5;

/** The runs that cover `count` blocks of a file from block `first`, in order; what is not covered is a hole. */
export function runsOf(device: BlockDevice, superblock: Superblock, inode: Inode, first: number, count: number): Run[] {
  const runs: Run[] = [];
  if (inode.usesExtents)
    collectExtents(device, superblock, inode, { bytes: inode.blockArea }, first, first + count, runs);
  else collectPointers(device, superblock, inode, first, first + count, runs);
  return runs;
}

interface Node {
  readonly bytes: Uint8Array;
  /** Block of the node; undefined for the root in the inode. */
  readonly block?: number;
  /** What its parent tells about it; the root has none. */
  readonly expected?: { readonly depth: number; readonly start: number };
}

/**
 * Appends the runs of one node and of what lies below it. Every node is asked for its own part of the range only, so
 * that a hostile tree costs no more steps than the range has blocks.
 */
function collectExtents(
  device: BlockDevice,
  superblock: Superblock,
  inode: Inode,
  node: Node,
  from: number,
  to: number,
  runs: Run[],
): void {
  const view = viewOf(node.bytes);
  const count = view.getUint16(2, true);
  const depth = view.getUint16(6, true);
  const fail = (reason: string) =>
    new DiskError(
      'corrupt',
      `extent tree of ext inode ${inode.number}`,
      reason,
      node.block === undefined ? undefined : node.block * superblock.blockSize,
    );
  if (view.getUint16(0, true) !== EXTENT_MAGIC) throw fail('lacks its magic 0xf30a');
  if (HEADER_SIZE + count * ENTRY_SIZE > node.bytes.length) throw fail(`counts ${count} entries, more than fit`);
  const { expected } = node;
  if (depth > DEEPEST || (expected && depth !== expected.depth))
    throw fail(`is at depth ${depth}, expected ${expected?.depth ?? `at most ${DEEPEST}`}`);
  if (depth > 0 && count === 0) throw fail(`has no entries at depth ${depth}`);
  let end = expected?.start ?? 0;
  for (let index = 0; index < count; index++) {
    const at = HEADER_SIZE + index * ENTRY_SIZE;
    const start = view.getUint32(at, true);
    if (start < end) throw fail('has entries out of order');
    if (start >= to) break;
    if (depth === 0) {
      const stored = view.getUint16(at + 4, true);
      const length = stored > LONGEST_WRITTEN ? stored - LONGEST_WRITTEN : stored;
      const physical = view.getUint32(at + 8, true) + view.getUint16(at + 6, true) * 2 ** 32;
      if (length === 0) throw fail('has an extent of no blocks');
      if (physical <= superblock.firstDataBlock || physical + length > superblock.blocks)
        throw fail(`has an extent at block ${physical}, but there are ${superblock.blocks} blocks`);
      end = start + length;
      addRun(runs, { logical: start, length, physical: stored > LONGEST_WRITTEN ? undefined : physical }, from, to);
      continue;
    }
    // The next entry's start is where this one ends.
    const next = index + 1 < count ? view.getUint32(at + ENTRY_SIZE, true) : Number.POSITIVE_INFINITY;
    end = start + 1;
    if (next <= from) continue;
    const block = view.getUint32(at + 4, true) + view.getUint16(at + 8, true) * 2 ** 32;
    const bytes = readExtentBlock(device, superblock, inode, block);
    const below = { bytes, block, expected: { depth: depth - 1, start } };
    collectExtents(device, superblock, inode, below, Math.max(from, start), Math.min(to, next), runs);
  }
}

function readExtentBlock(device: BlockDevice, superblock: Superblock, inode: Inode, block: number): Uint8Array {
  const bytes = readBlock(device, superblock, block, `extent tree of ext inode ${inode.number}`);
  if (!has(superblock.features, roCompat.metadataChecksum)) return bytes;
  const view = viewOf(bytes);
  const tail = HEADER_SIZE + view.getUint16(4, true) * ENTRY_SIZE;
  if (tail + 4 > bytes.length || rawCrc32c(bytes.subarray(0, tail), inode.checksumSeed) !== view.getUint32(tail, true))
    throw new DiskError(
      'corrupt',
      `extent tree of ext inode ${inode.number}`,
      'has a wrong checksum',
      block * superblock.blockSize,
    );
  return bytes;
}

/** @throws {DiskError} when the block does not lie on the volume */
export function readBlock(device: BlockDevice, superblock: Superblock, block: number, structure: string): Uint8Array {
  if (block >= superblock.blocks)
    throw new DiskError('corrupt', structure, `points to block ${block}, but there are ${superblock.blocks}`);
  return device.read(block * superblock.blockSize, superblock.blockSize);
}

/** Cuts a run to the wanted range and appends it. */
function addRun(runs: Run[], run: Run, from: number, to: number): void {
  const skipped = Math.max(0, from - run.logical);
  const length = Math.min(run.length - skipped, to - (run.logical + skipped));
  if (length <= 0) return;
  if (runs.length >= diskLimits.extentsPerFile)
    throw new DiskError('limit', 'ext file', `has more extents than may be read (limit extentsPerFile)`);
  runs.push({
    logical: run.logical + skipped,
    length,
    physical: run.physical === undefined ? undefined : run.physical + skipped,
  });
}

const DIRECT = 12;

/** Direct, indirect, doubly and trebly indirect pointers of ext2 and ext3. */
function collectPointers(
  device: BlockDevice,
  superblock: Superblock,
  inode: Inode,
  from: number,
  to: number,
  runs: Run[],
): void {
  const pointers = viewOf(inode.blockArea);
  const perBlock = superblock.blockSize / 4;
  const structure = `block map of ext inode ${inode.number}`;
  const visit = (pointer: number, level: number, start: number): void => {
    const span = perBlock ** level;
    if (pointer === 0 || start >= to || start + span <= from) return;
    if (level === 0) {
      appendBlock(runs, start, pointer);
      return;
    }
    const view = viewOf(readBlock(device, superblock, pointer, structure));
    const below = span / perBlock;
    const firstChild = Math.max(0, Math.floor((from - start) / below));
    for (let index = firstChild; index < perBlock && start + index * below < to; index++)
      visit(view.getUint32(index * 4, true), level - 1, start + index * below);
  };
  for (let index = Math.max(0, from); index < DIRECT && index < to; index++)
    visit(pointers.getUint32(index * 4, true), 0, index);
  let start = DIRECT;
  for (const level of [1, 2, 3]) {
    visit(pointers.getUint32((DIRECT + level - 1) * 4, true), level, start);
    start += perBlock ** level;
  }
}

/** Joins blocks that follow each other in the file and on the volume. */
function appendBlock(runs: Run[], logical: number, physical: number): void {
  const last = runs.at(-1);
  if (
    last?.physical !== undefined &&
    last.logical + last.length === logical &&
    last.physical + last.length === physical
  )
    runs[runs.length - 1] = { ...last, length: last.length + 1 };
  else addRun(runs, { logical, length: 1, physical }, logical, logical + 1);
}
