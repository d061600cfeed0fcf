/** A value of a column. Integers beyond 2^53 lose precision. */
export type SqliteValue = null | number | string | Uint8Array;

/** Thrown inside the reader only: the bytes are no sound database. */
export class SqliteDamage extends Error {}

/** Big-endian base 128 with nine bytes at most (`sqlite3GetVarint`); the value and the offset behind it. */
export function readVarint(bytes: Uint8Array, offset: number): readonly [value: number, next: number] {
  let value = 0n;
  for (let index = 0; index < 9; index += 1) {
    const byte = bytes[offset + index];
    if (byte === undefined) throw new SqliteDamage('a number is cut off');
    if (index === 8) return [signed((value << 8n) | BigInt(byte)), offset + 9];
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (byte < 0x80) return [Number(value), offset + index + 1];
  }
  throw new SqliteDamage('a number is cut off');
}

function signed(value: bigint): number {
  return Number(BigInt.asIntN(64, value));
}

/** Size of a value in the body of a record, by its serial type (sqlite.org/fileformat2.html, record format). */
function sizeOf(type: number): number {
  if (type >= 12) return (type - (type % 2 === 0 ? 12 : 13)) / 2;
  return [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0][type] ?? 0;
}

/**
 * Columns of a record. A payload that was read in part gives a last blob or text that is shorter than stored, and
 * nothing behind it.
 */
export function readRecord(payload: Uint8Array, decode: (bytes: Uint8Array) => string): readonly SqliteValue[] {
  const [headerSize, start] = readVarint(payload, 0);
  const values: SqliteValue[] = [];
  let body = headerSize;
  for (let offset = start; offset < headerSize; ) {
    const [type, next] = readVarint(payload, offset);
    offset = next;
    if (body > payload.length) break;
    const size = sizeOf(type);
    values.push(readValue(type, payload.subarray(body, body + size), decode));
    body += size;
  }
  return values;
}

function readValue(type: number, bytes: Uint8Array, decode: (bytes: Uint8Array) => string): SqliteValue {
  if (type >= 12) return type % 2 === 0 ? bytes : decode(bytes);
  if (type === 8 || type === 9) return type - 8;
  if (type < 1 || type > 7 || bytes.length < sizeOf(type)) return null;
  if (type === 7) return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0);
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return Number(BigInt.asIntN(bytes.length * 8, value));
}
