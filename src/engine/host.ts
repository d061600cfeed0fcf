/** Ways to compress of which the host has a decoder. */
export type Compression = 'gzip' | 'zstd' | 'lz4' | 'xz' | 'bzip2';

/** What the user knows better than the dated data of this program. */
export interface ReferenceData {
  /** Last day of support, YYYY-MM-DD, by release: `debian-12`. */
  readonly endOfLife: Readonly<Record<string, string>>;
}

/** What the surroundings must supply; the core itself touches no host. */
export interface Host {
  /** The moment that dates are judged by. */
  readonly now: () => Date;
  /** SHA-256 of the UTF-8 bytes, lower-case hexadecimal. */
  readonly sha256: (text: string) => string;
  /**
   * Decompresses the members at the start of the input and hands them on piece by piece, until `take` says that it has
   * enough. Resolves to the number of bytes of the input that they take up; rejects on damaged data.
   */
  readonly decompress: (
    compression: Compression,
    input: Iterable<Uint8Array>,
    take: (piece: Uint8Array) => boolean,
  ) => Promise<number>;
  readonly data?: ReferenceData;
}
