import { viewOf } from '../../bytes.ts';
import type { Codecs } from '../../codecs.ts';
import { DiskError } from '../../disk-error.ts';
import { decompressLzo } from '../../lzo.ts';

/** An extent is compressed in units of at most this many bytes (`BTRFS_MAX_UNCOMPRESSED`), and grows no larger by it. */
export const LARGEST_COMPRESSED = 128 * 1024;

/** Expands a compressed extent; what the stream leaves open up to `size` is zeros, as the kernel has it. */
export interface Decompressor {
  /**
   * @param kind The extent's `compression`: 1 zlib, 2 LZO, 3 Zstandard.
   * @param size Bytes that the extent stands for.
   * @throws {DiskError} for damaged data and unknown kinds
   */
  expand(kind: number, bytes: Uint8Array, size: number, structure: string): Uint8Array;
}

export function decompressor(codecs: Codecs, sectorSize: number): Decompressor {
  const expanders: Readonly<Record<number, (bytes: Uint8Array) => Uint8Array>> = {
    1: (bytes) => codecs.zlib(bytes, LARGEST_COMPRESSED),
    2: (bytes) => expandSegments(bytes, sectorSize),
    3: (bytes) => codecs.zstd(bytes, LARGEST_COMPRESSED),
  };
  return {
    expand: (kind, bytes, size, structure) => {
      const expand = expanders[kind];
      if (!expand) throw new DiskError('unsupported', structure, `is compressed in the unknown way ${kind}`);
      if (bytes.length > LARGEST_COMPRESSED || size > LARGEST_COMPRESSED)
        throw new DiskError(
          'corrupt',
          structure,
          `is ${bytes.length} compressed bytes for ${size}; at most ${LARGEST_COMPRESSED} are compressed at once`,
        );
      const expanded = attempt(() => expand(bytes), structure);
      if (expanded.length >= size) return expanded.subarray(0, size);
      const padded = new Uint8Array(size);
      padded.set(expanded);
      return padded;
    },
  };
}

/** Decoders throw errors of their own kinds. */
function attempt(expand: () => Uint8Array, structure: string): Uint8Array {
  try {
    return expand();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DiskError('corrupt', structure, `cannot be expanded: ${reason}`);
  }
}

const LENGTH_FIELD = 4;

/**
 * LZO knows no framing, so btrfs adds one (fs/btrfs/lzo.c): the length of all, then for each sector of the file the
 * length of its stream and the stream. A length is never split over two sectors of the disk: it starts the next one.
 */
function expandSegments(bytes: Uint8Array, sectorSize: number): Uint8Array {
  const view = viewOf(bytes);
  const total = view.getUint32(0, true);
  if (total > bytes.length) throw new RangeError(`${total} bytes of LZO in ${bytes.length}`);
  const output = new Uint8Array(LARGEST_COMPRESSED);
  let filled = 0;
  let at = LENGTH_FIELD;
  while (at + LENGTH_FIELD <= total) {
    const length = view.getUint32(at, true);
    at += LENGTH_FIELD;
    if (length === 0 || at + length > total) throw new RangeError(`a segment of ${length} bytes does not fit`);
    const segment = decompressLzo(bytes.subarray(at, at + length), Math.min(sectorSize, output.length - filled));
    output.set(segment, filled);
    filled += segment.length;
    at += length;
    const left = sectorSize - (at % sectorSize);
    if (left < LENGTH_FIELD) at += left;
  }
  return output.subarray(0, filled);
}
