import type { ByteSource } from './byte-source.ts';

/** Pages of a write-ahead log that replace those of the database. */
export interface WriteAheadLog {
  /** Offset of the newest committed content of a page inside the log. */
  readonly pages: ReadonlyMap<number, number>;
}

const HEADER_LENGTH = 32;
const FRAME_HEADER_LENGTH = 24;

/**
 * Committed pages of `<database>-wal`, as `walIndexRecover` of SQLite's wal.c finds them: frames count up to the first
 * with other salts or a wrong checksum, and of these up to the last that ends a transaction. Empty for bytes that are
 * no log of this page size.
 */
export function readWriteAheadLog(source: ByteSource, pageSize: number): WriteAheadLog {
  const header = source.read(0, HEADER_LENGTH);
  if (header.length < HEADER_LENGTH) return { pages: new Map() };
  const view = viewOf(header);
  const magic = view.getUint32(0);
  if ((magic & 0xfffffffe) >>> 0 !== 0x377f0682 || view.getUint32(8) !== pageSize) return { pages: new Map() };
  const littleEndian = (magic & 1) === 0;
  let sum = addToChecksum([0, 0], header.subarray(0, 24), littleEndian);
  if (sum[0] !== view.getUint32(24) || sum[1] !== view.getUint32(28)) return { pages: new Map() };

  const committed = new Map<number, number>();
  const open = new Map<number, number>();
  const frameLength = FRAME_HEADER_LENGTH + pageSize;
  for (let offset = HEADER_LENGTH; offset + frameLength <= source.size; offset += frameLength) {
    const frame = source.read(offset, frameLength);
    if (frame.length < frameLength) break;
    const fields = viewOf(frame);
    if (fields.getUint32(8) !== view.getUint32(16) || fields.getUint32(12) !== view.getUint32(20)) break;
    sum = addToChecksum(addToChecksum(sum, frame.subarray(0, 8), littleEndian), frame.subarray(24), littleEndian);
    if (sum[0] !== fields.getUint32(16) || sum[1] !== fields.getUint32(20)) break;
    open.set(fields.getUint32(0), offset + FRAME_HEADER_LENGTH);
    if (fields.getUint32(4) === 0) continue;
    for (const [page, place] of open) committed.set(page, place);
    open.clear();
  }
  return { pages: committed };
}

type Checksum = readonly [number, number];

/** `walChecksumBytes`. */
function addToChecksum([first, second]: Checksum, bytes: Uint8Array, littleEndian: boolean): Checksum {
  const view = viewOf(bytes);
  let a = first;
  let b = second;
  for (let offset = 0; offset + 8 <= bytes.length; offset += 8) {
    a = (a + view.getUint32(offset, littleEndian) + b) >>> 0;
    b = (b + view.getUint32(offset + 4, littleEndian) + a) >>> 0;
  }
  return [a, b];
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
