/** How a stretch of bytes is compressed; `lz4` is the legacy format, which is what kernels take. */
export type Compression = 'gzip' | 'bzip2' | 'xz' | 'lz4' | 'zstd';

/** What the surroundings must supply; the core itself touches no host. */
export interface Host {
  /** The moment that dates are judged by. */
  readonly now: () => Date;
  /** SHA-256 of the UTF-8 bytes, lower-case hexadecimal. */
  readonly sha256: (text: string) => string;
  /**
   * Decompresses from the start of `input` to the end of the compressed data there, and resolves with the number of
   * input bytes that it took; what follows may be something else. Hands the result to `take` piece by piece and stops
   * when that returns false. Rejects when the data is damaged or ends too early; all of it, never a part, is then void.
   */
  readonly decompress: (
    compression: Compression,
    input: Iterable<Uint8Array>,
    take: (piece: Uint8Array) => boolean,
  ) => Promise<number>;
}
