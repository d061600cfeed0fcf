import { toSafeNumber, uuidText, viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import { KEY_SIZE, keyType, parseKey } from './key.ts';

/** A run of logical addresses and where its bytes are. */
export interface Chunk {
  /** Logical address; bytes, here and below. */
  readonly start: number;
  readonly length: number;
  /** Where on the device that is read the first byte of each copy lies; empty when none is on it. */
  readonly copies: readonly number[];
  /** Why nothing can be read of it, where that is so. */
  readonly problem: string | undefined;
}

const HEADER = 48;
const STRIPE = 32;

/** Bits of a chunk's `type`. */
const profile = {
  raid0: 1n << 3n,
  raid1: (1n << 4n) | (1n << 9n) | (1n << 10n),
  dup: 1n << 5n,
  raid10: 1n << 6n,
  raid56: (1n << 7n) | (1n << 8n),
} as const;

interface OwnDevice {
  readonly id: bigint;
  readonly uuid: string;
}

/** The chunks that the superblock repeats, so that the chunk tree itself can be found. */
export function parseSystemChunks(bytes: Uint8Array, device: OwnDevice): Chunk[] {
  const structure = 'btrfs system chunk array';
  const chunks: Chunk[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    if (offset + KEY_SIZE + HEADER > bytes.length)
      throw new DiskError('corrupt', structure, 'ends in the middle of an entry');
    const key = parseKey(viewOf(bytes), offset);
    if (key.type !== keyType.chunkItem) throw new DiskError('corrupt', structure, 'holds something else than chunks');
    const item = bytes.subarray(offset + KEY_SIZE);
    chunks.push(parseChunk(item, key.offset, device));
    offset += KEY_SIZE + HEADER + viewOf(item).getUint16(44, true) * STRIPE;
  }
  return chunks;
}

/**
 * `struct btrfs_chunk` with its stripes. Only profiles that keep whole copies can be read from one device: single, DUP,
 * the RAID1 family, and RAID0 or RAID10 so small that nothing is striped.
 */
export function parseChunk(item: Uint8Array, logical: bigint, device: OwnDevice): Chunk {
  const start = toSafeNumber(logical, 'btrfs chunk');
  const structure = `btrfs chunk at ${start}`;
  if (item.length < HEADER + STRIPE) throw new DiskError('corrupt', structure, 'is too short for a stripe');
  const view = viewOf(item);
  const length = toSafeNumber(view.getBigUint64(0, true), structure);
  const stripeCount = view.getUint16(44, true);
  if (length === 0 || stripeCount === 0 || item.length < HEADER + stripeCount * STRIPE)
    throw new DiskError('corrupt', structure, `has ${length} bytes in ${stripeCount} stripes`);
  toSafeNumber(logical + BigInt(length), structure);
  const type = view.getBigUint64(24, true);
  const striped = stripingOf(type, stripeCount, view.getUint16(46, true));
  if (striped) return { start, length, copies: [], problem: striped };
  const copies: number[] = [];
  const others = new Set<bigint>();
  for (let offset = HEADER; offset < HEADER + stripeCount * STRIPE; offset += STRIPE) {
    const id = view.getBigUint64(offset, true);
    if (id === device.id && uuidText(item.subarray(offset + 16)) === device.uuid)
      copies.push(toSafeNumber(view.getBigUint64(offset + 8, true), structure));
    else others.add(id);
  }
  const problem =
    copies.length > 0 ? undefined : `lies on device ${[...others].join(', ')}, which is not part of the image`;
  return { start, length, copies, problem };
}

function stripingOf(type: bigint, stripes: number, subStripes: number): string | undefined {
  if ((type & profile.raid56) !== 0n) return 'is striped over several devices with parity (RAID5 or RAID6)';
  if ((type & profile.raid0) !== 0n && stripes > 1) return `is striped over ${stripes} devices (RAID0)`;
  if ((type & profile.raid10) !== 0n && stripes > Math.max(1, subStripes))
    return `is striped over ${stripes} devices (RAID10)`;
  if ((type & (profile.raid0 | profile.raid1 | profile.raid10 | profile.dup)) === 0n && stripes > 1)
    throw new DiskError('corrupt', 'btrfs chunk', `is single and has ${stripes} stripes`);
  return undefined;
}
