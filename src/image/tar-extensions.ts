import { DiskError } from '../disk/disk-error.ts';

/** Records of pax headers (POSIX.1-2001): the last value of each keyword, and all of those that GNU tar repeats. */
export interface PaxRecords {
  readonly values: ReadonlyMap<string, Uint8Array>;
  /** Pairs of `GNU.sparse.offset` and `GNU.sparse.numbytes`, in their order: version 0.0 of the sparse format. */
  readonly sparsePairs: readonly (readonly [string, string])[];
}

export const noRecords: PaxRecords = { values: new Map(), sparsePairs: [] };
const NEWLINE = 0x0a;
const EQUALS = 0x3d;
const decoder = new TextDecoder('latin1');
const OFFSET = 'GNU.sparse.offset';
const LENGTH = 'GNU.sparse.numbytes';

/**
 * Parses `"%d %s=%s\n"` records, whose number is the length of the whole record, and lays them over earlier ones; an
 * empty value takes back what an earlier header said.
 *
 * @param offset Of the records in the archive, for error messages.
 */
export function parsePax(bytes: Uint8Array, offset: number, base: PaxRecords = noRecords): PaxRecords {
  const values = new Map(base.values);
  const sparsePairs: (readonly [string, string])[] = [];
  let pendingOffset: string | undefined;
  for (let start = 0; start < bytes.length && bytes[start] !== 0; ) {
    const { key, value, end } = recordAt(bytes, start, offset);
    if (key === OFFSET) pendingOffset = decoder.decode(value);
    else if (key === LENGTH && pendingOffset !== undefined) sparsePairs.push([pendingOffset, decoder.decode(value)]);
    else if (value.length === 0) values.delete(key);
    else values.set(key, value);
    start = end;
  }
  return { values, sparsePairs };
}

function recordAt(bytes: Uint8Array, start: number, offset: number) {
  const broken = (reason: string) => new DiskError('corrupt', 'pax header', reason, offset + start);
  let digits = start;
  let length = 0;
  for (; digits - start < 10; digits++) {
    const digit = (bytes[digits] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    length = length * 10 + digit;
  }
  const end = start + length;
  if (digits === start || bytes[digits] !== 0x20) throw broken('has a record without a length');
  if (end > bytes.length || bytes[end - 1] !== NEWLINE || end < digits + 3)
    throw broken(`has a record of ${length} bytes that ends elsewhere`);
  const equals = bytes.subarray(digits + 1, end - 1).indexOf(EQUALS);
  if (equals <= 0) throw broken('has a record without a keyword');
  const key = decoder.decode(bytes.subarray(digits + 1, digits + 1 + equals));
  return { key, value: bytes.subarray(digits + 2 + equals, end - 1), end };
}

/** A value as text; keywords and numbers are ASCII. */
export function paxText({ values }: PaxRecords, key: string): string | undefined {
  const value = values.get(key);
  return value && decoder.decode(value);
}

/**
 * A decimal number, rounded down.
 *
 * @throws {DiskError} when the value is none
 */
export function paxNumber(records: PaxRecords, key: string, offset: number): number | undefined {
  const text = paxText(records, key);
  if (text === undefined) return undefined;
  const value = /^-?\d+(\.\d*)?$/.test(text) ? Math.floor(Number(text)) : Number.NaN;
  if (!Number.isSafeInteger(value))
    throw new DiskError('corrupt', 'pax header', `has a ${key} that is no number`, offset);
  return value;
}
