/**
 * Decoders that the host supplies for compressed clusters and extents. Each gives at most `maxBytes` bytes and throws
 * on damaged data or on data that would expand beyond that; the caller names the structure.
 */
export interface Codecs {
  /** A zlib stream (RFC 1950), as btrfs stores it; what follows its end is ignored. */
  readonly zlib: (bytes: Uint8Array, maxBytes: number) => Uint8Array;
  /** A raw deflate stream (RFC 1951), as qcow2 stores it; what follows its end is ignored. */
  readonly deflate: (bytes: Uint8Array, maxBytes: number) => Uint8Array;
  /** One Zstandard frame (RFC 8878); what follows its end is ignored. */
  readonly zstd: (bytes: Uint8Array, maxBytes: number) => Uint8Array;
}
