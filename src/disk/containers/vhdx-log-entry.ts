import { hasMagic, toSafeNumber, viewOf } from '../bytes.ts';
import { DiskError } from '../disk-error.ts';
import { hasChecksum } from './vhdx-header.ts';

/** Bytes; unit of the log and of what it writes. */
export const LOG_SECTOR = 4096;
const HEADER_SIZE = 64;
const DESCRIPTOR_SIZE = 32;
/** Bytes of a data sector that stand in its descriptor, as the sector has its signature and number in their place. */
const LEADING = 8;
const TRAILING = 4;

/** Offsets and lengths are bytes of the file, whole sectors. */
export type LogWrite =
  | { readonly kind: 'data'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'zero'; readonly offset: number; readonly length: number };

/** An entry of the log, by [MS-VHDX] 2.3.1. */
export interface LogEntry {
  /** Bytes from the start of the log. */
  readonly at: number;
  readonly length: number;
  readonly sequence: bigint;
  /** Where the oldest entry stood that was still needed when this one was written; bytes from the start of the log. */
  readonly tail: number;
  /** Bytes that the file had on stable storage when the entry was written. */
  readonly flushedSize: number;
  /** Bytes that the file needs for all that was allocated in it. */
  readonly lastSize: number;
  readonly writes: readonly LogWrite[];
}

/** Bytes of the entry that starts there, as its header gives them; undefined where none of the log starts. */
export function isLogEntryOf(log: Uint8Array, at: number, guid: Uint8Array): number | undefined {
  if (!hasMagic(log, at, 'loge')) return undefined;
  const header = log.subarray(at, at + HEADER_SIZE);
  const length = viewOf(header).getUint32(8, true);
  if (length === 0 || length % LOG_SECTOR !== 0 || length > log.length) return undefined;
  return guid.every((byte, index) => header[32 + index] === byte) ? length : undefined;
}

/**
 * Undefined for an entry that was not wholly written, by its checksum.
 *
 * @throws {DiskError} when it was, and contradicts itself
 */
export function parseLogEntry(log: Uint8Array, at: number, length: number): LogEntry | undefined {
  const bytes = around(log, at, length);
  if (!hasChecksum(bytes)) return undefined;
  const view = viewOf(bytes);
  const sequence = view.getBigUint64(16, true);
  const count = view.getUint32(24, true);
  const fail = (reason: string) => new DiskError('corrupt', `VHDX log entry ${sequence}`, reason);
  let data = Math.ceil((HEADER_SIZE + count * DESCRIPTOR_SIZE) / LOG_SECTOR) * LOG_SECTOR;
  if (sequence === 0n || data > length) throw fail(`counts ${count} descriptors in ${length} bytes`);
  const writes: LogWrite[] = [];
  for (let index = 0; index < count; index++) {
    const descriptor = bytes.subarray(HEADER_SIZE + index * DESCRIPTOR_SIZE).subarray(0, DESCRIPTOR_SIZE);
    const write = parseDescriptor(descriptor, bytes.subarray(data, data + LOG_SECTOR), sequence);
    if (!write) throw fail(`has a damaged descriptor ${index}`);
    if (write.kind === 'data') data += LOG_SECTOR;
    writes.push(write);
  }
  return {
    at,
    length,
    sequence,
    tail: view.getUint32(12, true),
    flushedSize: toSafeNumber(view.getBigUint64(48, true), 'VHDX flushed file offset'),
    lastSize: toSafeNumber(view.getBigUint64(56, true), 'VHDX last file offset'),
    writes,
  };
}

/** @param data The next sector behind the descriptors, which one of data takes. */
function parseDescriptor(descriptor: Uint8Array, data: Uint8Array, sequence: bigint): LogWrite | undefined {
  const view = viewOf(descriptor);
  const offset = toSafeNumber(view.getBigUint64(16, true), 'VHDX log descriptor');
  if (offset % LOG_SECTOR !== 0 || view.getBigUint64(24, true) !== sequence) return undefined;
  if (hasMagic(descriptor, 0, 'zero')) {
    const length = toSafeNumber(view.getBigUint64(8, true), 'VHDX log descriptor');
    return length % LOG_SECTOR === 0 ? { kind: 'zero', offset, length } : undefined;
  }
  if (!hasMagic(descriptor, 0, 'desc') || data.length < LOG_SECTOR || !hasMagic(data, 0, 'data')) return undefined;
  const dataView = viewOf(data);
  const number = (BigInt(dataView.getUint32(4, true)) << 32n) | BigInt(dataView.getUint32(LOG_SECTOR - 4, true));
  if (number !== sequence) return undefined;
  const bytes = new Uint8Array(data);
  bytes.set(descriptor.subarray(8, 8 + LEADING), 0);
  bytes.set(descriptor.subarray(4, 4 + TRAILING), LOG_SECTOR - TRAILING);
  return { kind: 'data', offset, bytes };
}

/** A part of the ring; entries go on at its start when they reach its end. */
function around(log: Uint8Array, at: number, length: number): Uint8Array {
  if (at + length <= log.length) return log.subarray(at, at + length);
  const bytes = new Uint8Array(length);
  bytes.set(log.subarray(at));
  bytes.set(log.subarray(0, at + length - log.length), log.length - at);
  return bytes;
}
