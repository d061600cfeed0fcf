import { type BlockDevice, checkRange } from '../../src/disk/block-device.ts';

/** A disk in memory. It hands out plain arrays, as a device does: `slice` of a Node buffer would not copy. */
export function memoryDisk(content: Uint8Array): BlockDevice {
  const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  return {
    size: bytes.length,
    read: (offset, length) => {
      checkRange({ size: bytes.length }, offset, length, 'disk');
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** A disk of any size that is zero but for the given pieces. */
export function sparseDisk(size: number, pieces: Readonly<Record<number, Uint8Array>>): BlockDevice {
  return {
    size,
    read: (offset, length) => {
      checkRange({ size }, offset, length, 'disk');
      const bytes = new Uint8Array(length);
      for (const [at, piece] of Object.entries(pieces)) {
        const start = Number(at);
        const from = Math.max(start, offset);
        const to = Math.min(start + piece.length, offset + length);
        if (from < to) bytes.set(piece.subarray(from - start, to - start), from - offset);
      }
      return bytes;
    },
  };
}

/** Numbers that are the same in every run, each below `bound`. */
export function sequence(seed: number): (bound: number) => number {
  let state = seed >>> 0 || 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}
