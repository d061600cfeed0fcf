import { viewOf } from '../../bytes.ts';
import { rawCrc32c } from '../../checksums.ts';
import { DiskError } from '../../disk-error.ts';

const SEED = 0xffffffff;
const zeros = new Uint8Array(4);
/** Bytes of the units that the blkno fields count in: the kernel's BBSIZE, whatever the sectors of the disk are. */
export const BASIC_BLOCK = 512;

/** CRC-32C over a structure with its own checksum field taken as zero (xfs_cksum.h). */
export function checksumOf(bytes: Uint8Array, fieldAt: number): number {
  const before = rawCrc32c(bytes.subarray(0, fieldAt), SEED);
  return ~rawCrc32c(bytes.subarray(fieldAt + 4), rawCrc32c(zeros, before)) >>> 0;
}

/** Checksums are the only numbers that XFS stores with the low byte first. */
export function hasRightChecksum(bytes: Uint8Array, fieldAt: number): boolean {
  return bytes.length >= fieldAt + 4 && viewOf(bytes).getUint32(fieldAt, true) === checksumOf(bytes, fieldAt);
}

/** Where a kind of self-describing block (version 5) has the fields that tell which one it is; bytes from its start. */
export interface IdentityLayout {
  readonly checksum: number;
  /** Its own place in basic blocks of 512 bytes. */
  readonly place: number;
  readonly uuid: number;
  /** Number of the inode that it belongs to. */
  readonly owner: number;
}

/** struct xfs_dir3_blk_hdr. */
export const directoryIdentity: IdentityLayout = { checksum: 4, place: 8, uuid: 24, owner: 40 };
/** struct xfs_btree_block with long pointers. */
export const treeIdentity: IdentityLayout = { checksum: 64, place: 24, uuid: 40, owner: 56 };
/** struct xfs_dsymlink_hdr. */
export const linkIdentity: IdentityLayout = { checksum: 12, place: 40, uuid: 16, owner: 32 };

/**
 * Checks that a block of version 5 is intact and the one that was looked for.
 *
 * @param offset Byte on the volume where it was read.
 * @throws {DiskError} when it is not
 */
export function verifyIdentity(
  bytes: Uint8Array,
  layout: IdentityLayout,
  expected: { readonly offset: number; readonly owner: number; readonly uuid: Uint8Array; readonly structure: string },
): void {
  const fail = (reason: string) => new DiskError('corrupt', expected.structure, reason, expected.offset);
  if (!hasRightChecksum(bytes, layout.checksum)) throw fail('has a wrong checksum');
  const view = viewOf(bytes);
  const place = view.getBigUint64(layout.place);
  if (place !== BigInt(expected.offset / BASIC_BLOCK)) throw fail(`says that it belongs at sector ${place}`);
  const owner = view.getBigUint64(layout.owner);
  if (owner !== BigInt(expected.owner)) throw fail(`says that it belongs to inode ${owner}`);
  if (!isSameUuid(bytes.subarray(layout.uuid, layout.uuid + 16), expected.uuid))
    throw fail('belongs to another file system');
}

export function isSameUuid(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
