import { type BlockDevice, checkRange } from '../block-device.ts';
import { toSafeNumber, viewOf } from '../bytes.ts';
import { DiskError } from '../disk-error.ts';
import type { Qcow2Header } from './qcow2-header.ts';

const OFFSET = 0x00fffffffffffe00n;
const COMPRESSED = 1n << 62n;
const ALL_ZERO = 1n;
const SECTOR = 512;
/** Subclusters of a cluster, where an L2 entry has a bit of allocation and a bit of zeros for each. */
export const SUBCLUSTERS = 32;

/** Where the bytes of a cluster are, in bytes from the start of the file; undefined when they read as zeros. */
export type ClusterPlace =
  | { readonly kind: 'plain'; readonly offset: number }
  /** At most `length` bytes; the compressed data may end earlier. */
  | { readonly kind: 'compressed'; readonly offset: number; readonly length: number }
  | undefined;

/**
 * Goes from the L1 table to an L2 table and to the cluster: two steps, however the tables point to each other.
 *
 * @param subcluster 0 unless the L2 entries are extended.
 * @throws {DiskError} when a table does not lie in the file, or an entry is not aligned to clusters
 */
export function placeOf(file: BlockDevice, header: Qcow2Header, cluster: number, subcluster: number): ClusterPlace {
  const { extendedL2, clusterSize, version } = header.container;
  const entrySize = extendedL2 ? 16 : 8;
  const perTable = clusterSize / entrySize;
  const l1Entry = viewOf(file.read(header.l1Offset + Math.floor(cluster / perTable) * 8, 8)).getBigUint64(0);
  const table = aligned(l1Entry, clusterSize, 'qcow2 L2 table');
  if (table === 0) return undefined;
  const entryOffset = table + (cluster % perTable) * entrySize;
  checkRange(file, entryOffset, entrySize, 'qcow2 L2 table');
  const view = viewOf(file.read(entryOffset, entrySize));
  const entry = view.getBigUint64(0);
  if (entry & COMPRESSED) return compressedPlace(entry, header.clusterBits);
  if (extendedL2) {
    const isZero = (view.getUint32(8) & (1 << subcluster)) !== 0;
    const isAllocated = (view.getUint32(12) & (1 << subcluster)) !== 0;
    if (isZero && isAllocated)
      throw new DiskError('corrupt', 'qcow2 L2 entry', 'calls a subcluster both zero and allocated', entryOffset);
    if (!isAllocated) return undefined;
  } else if (entry & ALL_ZERO) {
    if (version === 2) throw new DiskError('corrupt', 'qcow2 L2 entry', 'has a flag of version 3', entryOffset);
    return undefined;
  }
  const offset = aligned(entry, clusterSize, `qcow2 cluster ${cluster}`);
  if (offset >= file.size)
    throw new DiskError(
      'corrupt',
      `qcow2 cluster ${cluster}`,
      `lies at byte ${offset}, but the file has ${file.size}: it was cut`,
      entryOffset,
    );
  return offset === 0 ? undefined : { kind: 'plain', offset };
}

function aligned(entry: bigint, clusterSize: number, structure: string): number {
  const offset = toSafeNumber(entry & OFFSET, structure);
  if (offset % clusterSize !== 0)
    throw new DiskError('corrupt', structure, `is said to lie at byte ${offset}, which is not aligned to clusters`);
  return offset;
}

/** The lower bits are the place, the ones above it count the further sectors that the data touches. */
function compressedPlace(entry: bigint, clusterBits: number): ClusterPlace {
  const bits = BigInt(62 - (clusterBits - 8));
  const offset = toSafeNumber(entry & ((1n << bits) - 1n), 'qcow2 compressed cluster');
  const sectors = Number((entry >> bits) & ((1n << (62n - bits)) - 1n));
  return { kind: 'compressed', offset, length: (sectors + 1) * SECTOR - (offset % SECTOR) };
}
