import { uuidText, viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import { compareKeyAt, KEY_SIZE, type Key, parseKey } from './key.ts';
import type { Superblock } from './superblock.ts';

const HEADER = 101;
/** Bytes of one entry: in a leaf a key, an offset and a size; above a key, an address and a generation. */
const ITEM = 25;
const POINTER = 33;
const CHECKSUM_ROOM = 32;

/** A block of any tree: `struct btrfs_header` and what follows it. */
export interface TreeBlock {
  readonly logical: number;
  /** 0 for a leaf. */
  readonly level: number;
  readonly count: number;
  readonly generation: bigint;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

export interface Item extends Key {
  readonly data: Uint8Array;
}

/** What points to a block knows this much about it. */
export interface BlockPointer {
  readonly logical: number;
  readonly level: number;
  readonly generation: bigint;
  /** Absent for the root of a tree. */
  readonly firstKey?: Key;
}

export function describeBlock(logical: number): string {
  return `btrfs tree block at ${logical}`;
}

/**
 * Parses a block and makes sure of it as the kernel does in `btrfs_validate_extent_buffer` and its tree checker:
 * checksum, owner, address, sorted keys, items inside the block.
 *
 * @param physical Bytes from the start of the device, for the error.
 */
export function parseBlock(bytes: Uint8Array, logical: number, physical: number, superblock: Superblock): TreeBlock {
  const fail = (reason: string) => new DiskError('corrupt', describeBlock(logical), reason, physical);
  if (!superblock.checksum.matches(bytes.subarray(CHECKSUM_ROOM), bytes)) throw fail('does not match its checksum');
  const view = viewOf(bytes);
  if (uuidText(bytes.subarray(32)) !== superblock.blockUuid) throw fail('belongs to another file system');
  if (view.getBigUint64(48, true) !== BigInt(logical)) throw fail('says that it belongs elsewhere');
  const count = view.getUint32(96, true);
  const level = view.getUint8(100);
  const entry = level === 0 ? ITEM : POINTER;
  if (HEADER + count * entry > bytes.length) throw fail(`has ${count} entries, more than fit`);
  if (level > 0 && count === 0) throw fail('has no entries');
  const block = { logical, level, count, generation: view.getBigUint64(80, true), bytes, view };
  for (let index = 1; index < count; index++)
    if (compareKeyAt(view, HEADER + index * entry, parseKey(view, HEADER + (index - 1) * entry)) <= 0)
      throw fail('has keys that are not in order');
  if (level === 0) checkItems(block, fail);
  return block;
}

/** @throws {DiskError} when the block is intact and not the one that was meant: an old copy, another tree's */
export function expectPointedTo(block: TreeBlock, { level, generation, firstKey }: BlockPointer): void {
  const fail = (reason: string) => new DiskError('corrupt', describeBlock(block.logical), reason);
  if (block.level !== level) throw fail(`is of level ${block.level}, expected ${level}`);
  if (block.generation !== generation) throw fail(`is of generation ${block.generation}, expected ${generation}`);
  if (firstKey && (block.count === 0 || compareBlockKey(block, 0, firstKey) !== 0))
    throw fail('does not begin with the key that its parent has for it');
}

function checkItems({ view, count, bytes }: TreeBlock, fail: (reason: string) => DiskError): void {
  const firstData = HEADER + count * ITEM;
  for (let index = 0; index < count; index++) {
    const { start, size } = dataOf(view, index);
    if (start < firstData || start + size > bytes.length) throw fail(`has item ${index} outside of its data`);
  }
}

function dataOf(view: DataView, index: number): { start: number; size: number } {
  const at = HEADER + index * ITEM + KEY_SIZE;
  return { start: HEADER + view.getUint32(at, true), size: view.getUint32(at + 4, true) };
}

export function itemAt({ view, bytes }: TreeBlock, index: number): Item {
  const { start, size } = dataOf(view, index);
  return { ...parseKey(view, HEADER + index * ITEM), data: bytes.subarray(start, start + size) };
}

/** Address and generation of the child; the caller makes the address a safe number. */
export function childAt(
  { view, level }: TreeBlock,
  index: number,
): { logical: bigint } & Omit<BlockPointer, 'logical'> {
  const at = HEADER + index * POINTER;
  return {
    logical: view.getBigUint64(at + KEY_SIZE, true),
    generation: view.getBigUint64(at + KEY_SIZE + 8, true),
    level: level - 1,
    firstKey: parseKey(view, at),
  };
}

export function compareBlockKey({ view, level }: TreeBlock, index: number, key: Key): number {
  return compareKeyAt(view, HEADER + index * (level === 0 ? ITEM : POINTER), key);
}

/** Index of the last entry at or before the key, -1 when all are after it. */
export function lastAtMost(block: TreeBlock, key: Key): number {
  let low = 0;
  let high = block.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBlockKey(block, middle, key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
