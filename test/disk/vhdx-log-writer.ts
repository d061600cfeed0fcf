import { crc32c } from '../../src/disk/checksums.ts';

const KIB = 1024;
const SECTOR = 4 * KIB;
const HEADERS = [64 * KIB, 128 * KIB] as const;
const guid = Buffer.from('7f3a0c11d2e4454f9b1a2233445566aa', 'hex');

/** Of bytes of the file; `bytes` are whole sectors. */
export type Write =
  | { readonly offset: number; readonly bytes: Uint8Array }
  | { readonly offset: number; readonly zeroes: number };

export interface Entry {
  readonly sequence: number;
  /** Where it stands; bytes from the start of the log. */
  readonly at: number;
  /** Where the sequence's first entry stands; `at` of the first entry given unless told. */
  readonly tail?: number;
  readonly writes: readonly Write[];
  readonly guid?: Uint8Array;
  readonly flushedSize?: number;
  readonly lastSize?: number;
}

/** Bytes that an entry takes in the log. */
export function lengthOfEntry({ writes }: Entry): number {
  const data = writes.reduce((sum, write) => sum + ('bytes' in write ? write.bytes.length / SECTOR : 0), 0);
  const descriptors = writes.reduce((sum, write) => sum + ('bytes' in write ? write.bytes.length / SECTOR : 1), 0);
  return (Math.ceil((64 + 32 * descriptors) / SECTOR) + data) * SECTOR;
}

/** The VHDX as it would be found after a crash: both headers name a log, and the log has these entries. */
export function withLog(vhdx: Uint8Array, entries: readonly Entry[]): Buffer {
  const image = Buffer.from(vhdx);
  const { logOffset, logLength } = logOf(image);
  for (const header of HEADERS) {
    guid.copy(image, header + 48);
    sign(image.subarray(header, header + SECTOR));
  }
  for (const entry of entries) {
    const bytes = encode(entry, entries[0]?.at ?? 0, image.length);
    const first = Math.min(bytes.length, logLength - entry.at);
    bytes.copy(image, logOffset + entry.at, 0, first);
    bytes.copy(image, logOffset, first);
  }
  return image;
}

/** Of the header with the higher number. */
export function logOf(image: Buffer): { readonly logOffset: number; readonly logLength: number } {
  const [first, second] = HEADERS.map((at) => image.readBigUInt64LE(at + 8));
  const at = (first ?? 0n) > (second ?? 0n) ? HEADERS[0] : HEADERS[1];
  return { logOffset: Number(image.readBigUInt64LE(at + 72)), logLength: image.readUInt32LE(at + 68) };
}

function encode(entry: Entry, firstAt: number, fileSize: number): Buffer {
  const bytes = Buffer.alloc(lengthOfEntry(entry));
  const sequence = BigInt(entry.sequence);
  const pieces = entry.writes.flatMap(
    (write): ({ offset: number; bytes: Buffer } | { offset: number; zeroes: number })[] =>
      'bytes' in write
        ? Array.from({ length: write.bytes.length / SECTOR }, (_, index) => ({
            offset: write.offset + index * SECTOR,
            bytes: Buffer.from(write.bytes.subarray(index * SECTOR, (index + 1) * SECTOR)),
          }))
        : [write],
  );
  bytes.write('loge', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length, 8);
  bytes.writeUInt32LE(entry.tail ?? firstAt, 12);
  bytes.writeBigUInt64LE(sequence, 16);
  bytes.writeUInt32LE(pieces.length, 24);
  bytes.set(entry.guid ?? guid, 32);
  bytes.writeBigUInt64LE(BigInt(entry.flushedSize ?? fileSize), 48);
  bytes.writeBigUInt64LE(BigInt(entry.lastSize ?? fileSize), 56);
  let data = Math.ceil((64 + 32 * pieces.length) / SECTOR) * SECTOR;
  for (const [index, piece] of pieces.entries()) {
    const descriptor = bytes.subarray(64 + 32 * index, 96 + 32 * index);
    descriptor.writeBigUInt64LE(BigInt(piece.offset), 16);
    descriptor.writeBigUInt64LE(sequence, 24);
    if (!('bytes' in piece)) {
      descriptor.write('zero', 0, 'latin1');
      descriptor.writeBigUInt64LE(BigInt(piece.zeroes), 8);
      continue;
    }
    descriptor.write('desc', 0, 'latin1');
    piece.bytes.copy(descriptor, 4, SECTOR - 4);
    piece.bytes.copy(descriptor, 8, 0, 8);
    piece.bytes.copy(bytes, data);
    bytes.write('data', data, 'latin1');
    bytes.writeUInt32LE(Number(sequence >> 32n), data + 4);
    bytes.writeUInt32LE(Number(sequence & 0xffffffffn), data + SECTOR - 4);
    data += SECTOR;
  }
  sign(bytes);
  return bytes;
}

/** Writes the checksum that stands at 4 in every structure. */
export function sign(bytes: Buffer): void {
  bytes.writeUInt32LE(0, 4);
  bytes.writeUInt32LE(crc32c(bytes), 4);
}
