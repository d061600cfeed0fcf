import { DiskError } from './disk-error.ts';

const latin1 = new TextDecoder('latin1');

/** A view for fixed-width fields; shares the memory. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * A 64-bit number that addresses or counts something on the disk.
 *
 * @param structure Names the field in the error: `GPT header's entry address`.
 * @throws {DiskError} beyond 2^53 - 1, which no real disk reaches
 */
export function toSafeNumber(value: bigint, structure: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < 0n)
    throw new DiskError('corrupt', structure, `is ${value}, larger than any disk`);
  return Number(value);
}

/** A view of the bytes before the first NUL; of all when there is none. */
export function bytesUntilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
}

/** Characters up to the first NUL, each byte as one. */
export function textUntilNul(bytes: Uint8Array): string {
  return latin1.decode(bytesUntilNul(bytes));
}

/** Whether the bytes at `offset` are the given characters; false where they do not fit. */
export function hasMagic(bytes: Uint8Array, offset: number, magic: string): boolean {
  if (offset + magic.length > bytes.length) return false;
  for (let index = 0; index < magic.length; index++)
    if (bytes[offset + index] !== magic.charCodeAt(index)) return false;
  return true;
}

export function isAllZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** A UUID stored as 16 bytes in the order it is written (RFC 9562): ext, XFS, btrfs, LVM headers. */
export function uuidText(bytes: Uint8Array): string {
  const hex = Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A GUID whose first three fields are little-endian: GPT, VHDX. */
export function guidText(bytes: Uint8Array): string {
  const [a, b, c, d, e, f, g, h] = bytes;
  return uuidText(
    Uint8Array.of(d ?? 0, c ?? 0, b ?? 0, a ?? 0, f ?? 0, e ?? 0, h ?? 0, g ?? 0, ...bytes.subarray(8, 16)),
  );
}
