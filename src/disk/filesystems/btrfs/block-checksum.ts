import { crc32c } from '../../checksums.ts';
import { sha256 } from '../../sha256.ts';
import { blake2b256 } from './blake2b.ts';
import { xxhash64 } from './xxhash64.ts';

/** One of the algorithms that `csum_type` of the superblock names (fs/btrfs/fs.c, `btrfs_csums`). */
export interface ChecksumType {
  /** Bytes of the digest; superblocks and tree nodes keep room for 32, the checksum tree stores just these. */
  readonly size: number;
  matches(bytes: Uint8Array, stored: Uint8Array): boolean;
}

/** Index is `csum_type`: crc32c, xxhash64, sha256, blake2b. */
export const checksumTypes: readonly ChecksumType[] = [
  {
    size: 4,
    matches: (bytes, stored) => littleEndian(BigInt(crc32c(bytes)), 4).every((byte, index) => byte === stored[index]),
  },
  {
    size: 8,
    matches: (bytes, stored) => littleEndian(xxhash64(bytes), 8).every((byte, index) => byte === stored[index]),
  },
  { size: 32, matches: (bytes, stored) => sha256(bytes).every((byte, index) => byte === stored[index]) },
  { size: 32, matches: (bytes, stored) => blake2b256(bytes).every((byte, index) => byte === stored[index]) },
];

function littleEndian(value: bigint, size: number): number[] {
  return Array.from({ length: size }, (_, index) => Number((value >> BigInt(index * 8)) & 0xffn));
}
