import type { BlockDevice } from '../block-device.ts';
import { hasMagic, isAllZero, toSafeNumber, viewOf } from '../bytes.ts';
import { crc32c } from '../checksums.ts';
import { DiskError } from '../disk-error.ts';

const KIB = 1024;
const HEADERS = [64 * KIB, 128 * KIB] as const;
const HEADER_SIZE = 4 * KIB;
const VERSION = 1;
const LOG_VERSION = 0;

/** A header of [MS-VHDX] 2.2.2. */
export interface VhdxHeader {
  /** Of the log that is left to replay, as its entries repeat it; undefined when the file was closed. */
  readonly logGuid: Uint8Array | undefined;
  /** Bytes from the start of the file. */
  readonly logOffset: number;
  /** Bytes. */
  readonly logLength: number;
}

/**
 * Of the two headers the valid one with the higher sequence number.
 *
 * @throws {DiskError} when both are damaged, contradict each other, or are of a version that is not known
 */
export function readHeader(file: BlockDevice, problems: string[]): VhdxHeader {
  const valid = HEADERS.flatMap((offset) => {
    if (offset + HEADER_SIZE > file.size) return [];
    const bytes = file.read(offset, HEADER_SIZE);
    return hasMagic(bytes, 0, 'head') && hasChecksum(bytes) ? [bytes] : [];
  });
  const [first, second] = valid;
  if (!first) throw new DiskError('corrupt', 'VHDX header', 'is damaged, and so is its copy', HEADERS[0]);
  if (!second) problems.push('one of the two headers is damaged');
  return parse(second ? newer(first, second) : first);
}

function newer(first: Uint8Array, second: Uint8Array): Uint8Array {
  const [a, b] = [sequenceOf(first), sequenceOf(second)];
  if (a === b && first.some((byte, index) => byte !== second[index]))
    throw new DiskError('corrupt', 'VHDX header', 'and its copy differ, and have one sequence number', HEADERS[0]);
  return a >= b ? first : second;
}

function sequenceOf(header: Uint8Array): bigint {
  return viewOf(header).getBigUint64(8, true);
}

function parse(bytes: Uint8Array): VhdxHeader {
  const view = viewOf(bytes);
  const version = view.getUint16(66, true);
  if (version !== VERSION)
    throw new DiskError('unsupported', 'VHDX header', `has version ${version}, expected ${VERSION}`);
  const guid = new Uint8Array(bytes.subarray(48, 64));
  const logVersion = view.getUint16(64, true);
  const logGuid = isAllZero(guid) ? undefined : guid;
  if (logGuid && logVersion !== LOG_VERSION)
    throw new DiskError('unsupported', 'VHDX log', `has version ${logVersion}, expected ${LOG_VERSION}`);
  return {
    logGuid,
    logOffset: toSafeNumber(view.getBigUint64(72, true), 'VHDX log'),
    logLength: view.getUint32(68, true),
  };
}

/** Whether the CRC-32C over all bytes, its own four taken as zero, stands at 4, as in every structure of a VHDX. */
export function hasChecksum(bytes: Uint8Array): boolean {
  const copy = new Uint8Array(bytes);
  copy.fill(0, 4, 8);
  return crc32c(copy) === viewOf(bytes).getUint32(4, true);
}
