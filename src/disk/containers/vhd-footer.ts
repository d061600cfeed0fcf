import { hasMagic, isAllZero, textUntilNul, uuidText, viewOf } from '../bytes.ts';
import type { VhdFooter } from '../container.ts';

/** Bytes. */
export const FOOTER_SIZE = 512;
export const TYPE_FIXED = 2;
export const TYPE_DYNAMIC = 3;
export const TYPE_DIFFERENCING = 4;

const COOKIE = 'conectix';
const CHECKSUM_AT = 64;
const RESERVED_AT = 85;
/** Seconds from 1970-01-01 to 2000-01-01, from which the time stamp counts. */
const EPOCH = 946_684_800;

/**
 * The footer in 512 (or, as old Virtual PC wrote it, 511) bytes; undefined when they do not begin with its cookie.
 *
 * @param offset Where the bytes stand in the file.
 */
export function parseFooter(bytes: Uint8Array, offset: number): VhdFooter | undefined {
  if (bytes.length < FOOTER_SIZE - 1 || !hasMagic(bytes, 0, COOKIE)) return undefined;
  const view = viewOf(bytes);
  const dataOffset = view.getBigUint64(16);
  return {
    offset,
    features: view.getUint32(8),
    formatVersion: view.getUint32(12),
    dataOffset: dataOffset === 0xffffffffffffffffn ? undefined : Number(dataOffset),
    timestamp: view.getUint32(24) + EPOCH,
    creatorApplication: textUntilNul(bytes.subarray(28, 32)),
    creatorVersion: view.getUint32(32),
    creatorHostOs: textUntilNul(bytes.subarray(36, 40)),
    originalSize: Number(view.getBigUint64(40)),
    currentSize: Number(view.getBigUint64(48)),
    geometry: { cylinders: view.getUint16(56), heads: view.getUint8(58), sectorsPerTrack: view.getUint8(59) },
    diskType: view.getUint32(60),
    storedChecksum: view.getUint32(CHECKSUM_AT),
    computedChecksum: checksumOf(bytes, CHECKSUM_AT),
    uniqueId: uuidText(bytes.subarray(68, 84)),
    savedState: view.getUint8(84) !== 0,
    reservedIsZero: isAllZero(bytes.subarray(RESERVED_AT)),
  };
}

export function hasRightChecksum(footer: VhdFooter): boolean {
  return footer.storedChecksum === footer.computedChecksum;
}

/** One's complement of the sum of all bytes but the checksum's own four. */
export function checksumOf(bytes: Uint8Array, checksumAt: number): number {
  let sum = 0;
  for (const [index, byte] of bytes.entries()) if (index < checksumAt || index >= checksumAt + 4) sum += byte;
  return ~sum >>> 0;
}
