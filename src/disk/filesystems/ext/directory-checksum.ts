import { viewOf } from '../../bytes.ts';
import { rawCrc32c } from '../../checksums.ts';
import type { Inode } from './inode.ts';

/** Type of the false entry that holds a block's checksum. */
const CHECKSUM_TYPE = 0xde;
const CHECKSUM_ENTRY_SIZE = 12;

const HASH_ENTRY_SIZE = 8;
/** struct dx_tail: four reserved bytes and the checksum. */
const HASH_TAIL_SIZE = 8;
/** Where count and limit stand in the root of a hash tree, behind `.`, `..` and struct dx_root_info. */
const ROOT_COUNT_AT = 32;
/** Where they stand in the other nodes, behind one entry that spans the block. */
const NODE_COUNT_AT = 8;

/** Whether a block that a directory has in a place is a node of its hash tree: __ext4_read_dirblock of fs/ext4/namei.c. */
export function isHashNode({ isHashTree }: Inode, offset: number, block: Uint8Array): boolean {
  return isHashTree && (offset === 0 || spansBlock(block));
}

/** Whether the first entry takes the whole block. */
function spansBlock(block: Uint8Array): boolean {
  return recordLength(viewOf(block).getUint16(4, true)) === block.length;
}

/** 64 KiB do not fit into the field: ext4_rec_len_from_disk of fs/ext4/ext4.h. */
export function recordLength(stored: number): number {
  return stored === 65535 ? 65536 : stored;
}

/** ext4_dirblock_csum_verify of fs/ext4/namei.c: a block without a place for the checksum is wrong as well. */
export function hasRightEntryChecksum({ checksumSeed }: Inode, block: Uint8Array): boolean {
  const tail = block.length - CHECKSUM_ENTRY_SIZE;
  const view = viewOf(block);
  return (
    view.getUint32(tail, true) === 0 &&
    view.getUint16(tail + 4, true) === CHECKSUM_ENTRY_SIZE &&
    view.getUint8(tail + 6) === 0 &&
    view.getUint8(tail + 7) === CHECKSUM_TYPE &&
    rawCrc32c(block.subarray(0, tail), checksumSeed) === view.getUint32(tail + 8, true)
  );
}

/** ext4_dx_csum_verify of fs/ext4/namei.c. */
export function hasRightHashChecksum({ checksumSeed }: Inode, block: Uint8Array): boolean {
  const view = viewOf(block);
  const countAt = spansBlock(block) ? NODE_COUNT_AT : ROOT_COUNT_AT;
  const limit = view.getUint16(countAt, true);
  const count = view.getUint16(countAt + 2, true);
  const tail = countAt + limit * HASH_ENTRY_SIZE;
  if (count > limit || tail + HASH_TAIL_SIZE > block.length) return false;
  const entries = rawCrc32c(block.subarray(0, countAt + count * HASH_ENTRY_SIZE), checksumSeed);
  // The checksum's own four bytes count as zero.
  const computed = rawCrc32c(new Uint8Array(4), rawCrc32c(block.subarray(tail, tail + 4), entries));
  return computed === view.getUint32(tail + 4, true);
}
