import { inflateRawSync, inflateSync } from 'node:zlib';
import type { Codecs } from '../disk/codecs.ts';
import { decompressZstd } from './zstd.ts';

/** Node's own zlib; Zstandard by Node where it has it (22.15 and up), else in JavaScript. */
export const nodeCodecs: Codecs = {
  zlib: (bytes, maxBytes) => inflateSync(bytes, { maxOutputLength: maxBytes }),
  deflate: (bytes, maxBytes) => inflateRawSync(bytes, { maxOutputLength: maxBytes }),
  zstd: decompressZstd,
};
