import process from 'node:process';
import type { Codecs } from '../disk/codecs.ts';
import { decompressZstd } from './zstd.ts';

/** Node's own zlib; Zstandard by Node where it has it (22.15 and up), else in JavaScript. */
export const nodeCodecs: Codecs = {
  // Loaded when a disk turns out to have compressed data: with it come all of Node's streams.
  zlib: (bytes, maxBytes) => process.getBuiltinModule('node:zlib').inflateSync(bytes, { maxOutputLength: maxBytes }),
  deflate: (bytes, maxBytes) =>
    process.getBuiltinModule('node:zlib').inflateRawSync(bytes, { maxOutputLength: maxBytes }),
  zstd: decompressZstd,
};
