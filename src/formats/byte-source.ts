/** Bytes of a file that is too large to hold: read where they are needed. */
export interface ByteSource {
  /** Length of the whole in bytes. */
  readonly size: number;
  /** At most `length` bytes from `offset`; fewer only at the end. What it throws goes through the format to the caller. */
  read(offset: number, length: number): Uint8Array;
}

/** A source over bytes in memory. */
export function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + length, bytes.length)),
  };
}
