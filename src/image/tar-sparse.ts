import type { BlockDevice } from '../disk/block-device.ts';
import { DiskError } from '../disk/disk-error.ts';
import { limits } from './limits.ts';
import { type PaxRecords, paxNumber, paxText } from './tar-extensions.ts';
import { numberOf, TAR_BLOCK, type TarHeader } from './tar-header.ts';

/** Where the bytes of a file stand in the archive. */
export interface TarContent {
  /** Bytes of the file. */
  readonly size: number;
  /** Pieces in order; what lies between them is zero. A file without holes is one piece. */
  readonly pieces: readonly TarPiece[];
}

/** Bytes, of the file and of the archive. */
export interface TarPiece {
  readonly offset: number;
  readonly length: number;
  readonly at: number;
}

type Pair = readonly [offset: number | undefined, length: number | undefined];

interface SparseContent {
  readonly content: TarContent;
  /** Where the content begins, the map included when it is part of it. */
  readonly start: number;
}

/**
 * The map of a sparse file in the formats that GNU tar writes; undefined for a file that is not sparse. By the manual of
 * GNU tar, appendix "Storing Sparse Files".
 *
 * @param at Start of the content in the archive.
 * @param stored Bytes of content in the archive; old GNU headers continue in front of it.
 */
export function sparseContent(
  device: BlockDevice,
  header: TarHeader,
  records: PaxRecords,
  at: number,
  stored: number,
): SparseContent | undefined {
  const { offset } = header;
  const real = (key: string) => paxNumber(records, key, offset);
  if (header.type === 'S') {
    const size = numberOf(header.block.subarray(483, 495));
    const { pairs, end } = oldGnuPairs(device, header, at);
    return { content: placed(pairs, size, end, stored, offset), start: end };
  }
  if (paxText(records, 'GNU.sparse.major') === '1' && paxText(records, 'GNU.sparse.minor') === '0') {
    const { pairs, end } = leadingPairs(device, offset, at, stored);
    return { content: placed(pairs, real('GNU.sparse.realsize'), end, stored - (end - at), offset), start: at };
  }
  const size = real('GNU.sparse.size');
  if (size === undefined) return undefined;
  const map = paxText(records, 'GNU.sparse.map');
  if (map === undefined)
    return { content: placed(records.sparsePairs.map(decimalPair), size, at, stored, offset), start: at };
  const numbers = map.split(',');
  if (numbers.length > 2 * limits.piecesPerTar) throw tooMany(offset);
  const pairs = Array.from({ length: Math.ceil(numbers.length / 2) }, (_, index) =>
    decimalPair([numbers[2 * index] ?? '', numbers[2 * index + 1] ?? '']),
  );
  return { content: placed(pairs, size, at, stored, offset), start: at };
}

function decimalPair([offset, length]: readonly [string, string]): Pair {
  return [decimal(offset), decimal(length)];
}

function decimal(text: string): number | undefined {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Four pairs in the header, 21 in each block behind it. */
function oldGnuPairs(device: BlockDevice, header: TarHeader, at: number): { pairs: Pair[]; end: number } {
  const pairs: Pair[] = [];
  let end = at;
  const take = (block: Uint8Array, from: number, count: number) => {
    for (let index = 0; index < count; index++) {
      const field = from + index * 24;
      if (block[field] === 0) return;
      pairs.push([numberOf(block.subarray(field, field + 12)), numberOf(block.subarray(field + 12, field + 24))]);
    }
    if (pairs.length > limits.piecesPerTar) throw tooMany(header.offset);
  };
  take(header.block, 386, 4);
  for (let isContinued = header.block[482] !== 0; isContinued; end += TAR_BLOCK) {
    if (end + TAR_BLOCK > device.size) throw broken(header.offset, 'a map that the archive is cut short in');
    const block = device.read(end, TAR_BLOCK);
    take(block, 0, 21);
    isContinued = block[504] !== 0;
  }
  return { pairs, end };
}

/** Decimal numbers, one a line, in front of the content: their count in pairs, then the pairs, padded to a block. */
function leadingPairs(device: BlockDevice, offset: number, at: number, stored: number): { pairs: Pair[]; end: number } {
  const pairs: Pair[] = [];
  let end = at;
  let line = '';
  let count: number | undefined;
  let pending: number | undefined;
  while (count === undefined || pairs.length < count) {
    if (end + TAR_BLOCK > at + stored) throw broken(offset, 'a map that is longer than its content');
    for (const byte of device.read(end, TAR_BLOCK)) {
      if (byte !== 0x0a) {
        line += String.fromCharCode(byte);
        if (line.length > 20) throw broken(offset, 'a map that is no list of numbers');
        continue;
      }
      const value = decimal(line);
      if (value === undefined) throw broken(offset, 'a map that is no list of numbers');
      line = '';
      if (count === undefined) count = value;
      else if (pending === undefined) pending = value;
      else {
        pairs.push([pending, value]);
        pending = undefined;
      }
      if (pairs.length >= count) break;
    }
    if (pairs.length > limits.piecesPerTar) throw tooMany(offset);
    end += TAR_BLOCK;
  }
  return { pairs, end };
}

function placed(
  pairs: readonly Pair[],
  size: number | undefined,
  at: number,
  stored: number,
  header: number,
): TarContent {
  if (size === undefined || size < 0) throw broken(header, 'no size');
  const pieces: TarPiece[] = [];
  let position = 0;
  let used = 0;
  for (const [offset, length] of pairs) {
    if (offset === undefined || length === undefined || offset < position || length < 0 || offset + length > size)
      throw broken(header, 'pieces that overlap or lie outside of it');
    if (length > 0) pieces.push({ offset, length, at: at + used });
    position = offset + length;
    used += length;
  }
  if (used > stored) throw broken(header, `pieces of ${used} bytes in ${stored}`);
  return { size, pieces };
}

function broken(offset: number, what: string): DiskError {
  return new DiskError('corrupt', 'tar header of a sparse file', `has ${what}`, offset);
}

function tooMany(offset: number): DiskError {
  return new DiskError(
    'limit',
    'tar header of a sparse file',
    `has more than ${limits.piecesPerTar} pieces (limit piecesPerTar)`,
    offset,
  );
}
