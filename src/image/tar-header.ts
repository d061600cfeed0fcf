import { hasMagic, viewOf } from '../disk/bytes.ts';
import { DiskError } from '../disk/disk-error.ts';

/** Bytes of a header and of the unit that contents are padded to. */
export const TAR_BLOCK = 512;

/** The fixed fields of one header, POSIX.1-1988 ("ustar") and what GNU tar and star made of them. */
export interface TarHeader {
  /** Bytes from the start of the archive. */
  readonly offset: number;
  /** One character; NUL in archives from before POSIX. */
  readonly type: string;
  readonly path: Uint8Array;
  readonly linkTarget: Uint8Array;
  /** Bytes of content behind the header, as the field says. */
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970-01-01 UTC. */
  readonly mtime: number;
  readonly block: Uint8Array;
}

const CHECKSUM = { from: 148, to: 156 } as const;
const SPACE = 0x20;
/** Bits of the first byte of a number that is stored in base 256, as GNU tar and star do with large ones. */
const BASE_256 = 0x80;
const NEGATIVE = 0x40;

/** Whether these 512 bytes are the header of a member: their checksum says so. */
export function isTarHeader(block: Uint8Array): boolean {
  if (block.length < TAR_BLOCK || block[0] === 0) return false;
  const stored = octal(block.subarray(CHECKSUM.from, CHECKSUM.to));
  if (stored === undefined || stored === 0) return false;
  let unsigned = 0;
  let negative = 0;
  for (let index = 0; index < TAR_BLOCK; index++) {
    const byte = index >= CHECKSUM.from && index < CHECKSUM.to ? SPACE : (block[index] ?? 0);
    unsigned += byte;
    if (byte >= 0x80) negative += 0x100;
  }
  // Some old programs added the bytes up as signed ones.
  return stored === unsigned || stored === unsigned - negative;
}

/** @throws {DiskError} when a field is no number */
export function parseTarHeader(block: Uint8Array, offset: number): TarHeader {
  const type = String.fromCharCode(block[156] ?? 0);
  const number = (name: string, from: number, length: number) => {
    const value = numberOf(block.subarray(from, from + length));
    if (value === undefined) throw new DiskError('corrupt', 'tar header', `has a ${name} that is no number`, offset);
    return value;
  };
  const size = number('size', 124, 12);
  if (size < 0) throw new DiskError('corrupt', 'tar header', `has a size of ${size} bytes`, offset);
  return {
    offset,
    type,
    path: pathOf(block),
    linkTarget: untilNul(block.subarray(157, 257)),
    size,
    mode: number('mode', 100, 8) & 0o7777,
    uid: number('uid', 108, 8),
    gid: number('gid', 116, 8),
    mtime: number('time', 136, 12),
    block,
  };
}

/** The name, with the prefix that only POSIX has in this place: GNU keeps other times there, star both. */
function pathOf(block: Uint8Array): Uint8Array {
  const name = untilNul(block.subarray(0, 100));
  if (!hasMagic(block, 257, 'ustar\0')) return name;
  const isStar = hasMagic(block, 508, 'tar\0');
  const prefix = untilNul(block.subarray(345, isStar ? 476 : 500));
  if (prefix.length === 0) return name;
  const path = new Uint8Array(prefix.length + 1 + name.length);
  path.set(prefix);
  path[prefix.length] = 0x2f;
  path.set(name, prefix.length + 1);
  return path;
}

/**
 * A number of a header: octal digits between blanks, or base 256 in two's complement. Undefined when it is neither or
 * larger than any file.
 */
export function numberOf(field: Uint8Array): number | undefined {
  const first = field[0] ?? 0;
  if ((first & BASE_256) === 0) return octal(field);
  const isNegative = (first & NEGATIVE) !== 0;
  let value = BigInt(isNegative ? (first | BASE_256) - 0x100 : first & ~BASE_256);
  for (const byte of field.subarray(1)) value = value * 256n + BigInt(byte);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

function octal(field: Uint8Array): number | undefined {
  let index = 0;
  while (field[index] === SPACE || (field[index] === 0 && index === 0)) index += 1;
  let value = 0;
  for (; index < field.length; index++) {
    const byte = field[index] ?? 0;
    if (byte === 0 || byte === SPACE) break;
    if (byte < 0x30 || byte > 0x37) return undefined;
    value = value * 8 + (byte - 0x30);
  }
  return value;
}

export function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
}

/** Whether nothing but zeros is left: the end of an archive is a block of them. */
export function isZeroBlock(block: Uint8Array): boolean {
  if (block[0] !== 0) return false;
  const view = viewOf(block);
  for (let offset = 0; offset + 4 <= block.length; offset += 4) if (view.getUint32(offset) !== 0) return false;
  return true;
}
