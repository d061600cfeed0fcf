import { readRecord, readVarint, SqliteDamage, type SqliteValue } from './sqlite-record.ts';

export interface SqliteRow {
  readonly rowId: number;
  /** In the order of the table's columns; the column that is the row id itself holds null. */
  readonly values: readonly SqliteValue[];
}

/** What the trees of one database have in common. */
export interface Pages {
  /** Page by its number from 1; throws {@link SqliteDamage} when there is none. */
  readonly read: (page: number) => Uint8Array;
  /** Bytes of a page that hold content. */
  readonly usable: number;
  readonly decode: (bytes: Uint8Array) => string;
  /** Takes account of a payload; throws {@link SqliteDamage} when one reading takes more than the database has bytes. */
  readonly spend: (bytes: number) => void;
}

/** A tree of 2^31 pages with two children a page is no deeper. */
const DEEPEST = 32;
const INTERIOR_INDEX = 2;
const INTERIOR_TABLE = 5;
const LEAF_INDEX = 10;
const LEAF_TABLE = 13;

interface Page {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly type: number;
  /** Offsets of the cells in the page. */
  readonly cells: readonly number[];
  /** Rightmost child of an interior page. */
  readonly last: number;
}

/** Every row of a table, in the order of row ids. */
export function* tableRows(pages: Pages, root: number): Generator<SqliteRow> {
  yield* rowsBelow(pages, root, new Set(), 0);
}

function* rowsBelow(pages: Pages, number: number, seen: Set<number>, depth: number): Generator<SqliteRow> {
  if (seen.has(number) || depth > DEEPEST) throw new SqliteDamage(`page ${number} is in its tree twice`);
  seen.add(number);
  const page = openPage(pages, number, INTERIOR_TABLE, LEAF_TABLE);
  for (const cell of page.cells) {
    if (page.type === LEAF_TABLE) yield leafRow(pages, page, cell, Number.POSITIVE_INFINITY);
    else yield* rowsBelow(pages, page.view.getUint32(cell), seen, depth + 1);
  }
  if (page.type === INTERIOR_TABLE) yield* rowsBelow(pages, page.last, seen, depth + 1);
}

/** The row with this id; its payload is read up to the limit. */
export function tableRow(pages: Pages, root: number, rowId: number, payloadLimit: number): SqliteRow | undefined {
  let number = root;
  for (let depth = 0; depth <= DEEPEST; depth += 1) {
    const page = openPage(pages, number, INTERIOR_TABLE, LEAF_TABLE);
    if (page.type === LEAF_TABLE) {
      const cell = page.cells.find((one) => readVarint(page.bytes, readVarint(page.bytes, one)[1])[0] === rowId);
      return cell === undefined ? undefined : leafRow(pages, page, cell, payloadLimit);
    }
    const child = page.cells.find((one) => rowId <= readVarint(page.bytes, one + 4)[0]);
    number = child === undefined ? page.last : page.view.getUint32(child);
  }
  throw new SqliteDamage('a tree is too deep');
}

/** Row ids of the entries of an index whose first column is `key`, by binary comparison. */
export function* indexEntries(pages: Pages, root: number, key: string): Generator<number> {
  yield* entriesBelow(pages, root, key, new Set(), 0);
}

function* entriesBelow(pages: Pages, number: number, key: string, seen: Set<number>, depth: number): Generator<number> {
  if (seen.has(number) || depth > DEEPEST) throw new SqliteDamage(`page ${number} is in its tree twice`);
  seen.add(number);
  const page = openPage(pages, number, INTERIOR_INDEX, LEAF_INDEX);
  const isLeaf = page.type === LEAF_INDEX;
  for (const cell of page.cells) {
    const [size, start] = readVarint(page.bytes, isLeaf ? cell : cell + 4);
    const values = readRecord(payloadAt(pages, page, start, size, true, size), pages.decode);
    const order = compareToText(values[0] ?? null, key);
    if (!isLeaf && order >= 0) yield* entriesBelow(pages, page.view.getUint32(cell), key, seen, depth + 1);
    if (order > 0) return;
    const rowId = values.at(-1);
    if (order === 0 && typeof rowId === 'number') yield rowId;
  }
  if (!isLeaf) yield* entriesBelow(pages, page.last, key, seen, depth + 1);
}

/** Null and numbers come before texts, blobs behind; texts compare by the bytes of UTF-8. */
function compareToText(value: SqliteValue, key: string): number {
  if (typeof value !== 'string') return value instanceof Uint8Array ? 1 : -1;
  const [left, right] = [value, key].map((text) => new TextEncoder().encode(text));
  for (let index = 0; left && right && index < Math.min(left.length, right.length); index += 1) {
    const order = (left[index] ?? 0) - (right[index] ?? 0);
    if (order !== 0) return order;
  }
  return (left?.length ?? 0) - (right?.length ?? 0);
}

function openPage(pages: Pages, number: number, interior: number, leaf: number): Page {
  const bytes = pages.read(number);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The first page begins with the header of the database.
  const start = number === 1 ? 100 : 0;
  const type = view.getUint8(start);
  if (type !== interior && type !== leaf) throw new SqliteDamage(`page ${number} is of an unexpected type ${type}`);
  const headerLength = type === interior ? 12 : 8;
  const count = view.getUint16(start + 3);
  if (start + headerLength + 2 * count > bytes.length) throw new SqliteDamage(`page ${number} has too many cells`);
  const cells = Array.from({ length: count }, (_, index) => view.getUint16(start + headerLength + 2 * index));
  if (cells.some((cell) => cell + 4 > bytes.length)) throw new SqliteDamage(`page ${number} has a cell outside itself`);
  return { bytes, view, type, cells, last: type === interior ? view.getUint32(start + 8) : 0 };
}

function leafRow(pages: Pages, page: Page, cell: number, limit: number): SqliteRow {
  const [size, afterSize] = readVarint(page.bytes, cell);
  const [rowId, start] = readVarint(page.bytes, afterSize);
  return { rowId, values: readRecord(payloadAt(pages, page, start, size, false, limit), pages.decode) };
}

/** A payload too large for its page goes on in a chain of overflow pages; how much stays is the format's rule. */
function payloadAt(
  { read, usable, spend }: Pages,
  { bytes, view }: Page,
  start: number,
  size: number,
  inIndex: boolean,
  limit: number,
): Uint8Array {
  const most = inIndex ? Math.floor(((usable - 12) * 64) / 255) - 23 : usable - 35;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const surplus = least + ((size - least) % (usable - 4));
  const local = size <= most ? size : surplus <= most ? surplus : least;
  if (size < 0 || start + local > bytes.length) throw new SqliteDamage('a record runs over the end of its page');
  const wanted = Math.min(size, limit);
  spend(wanted);
  const parts = [bytes.subarray(start, start + Math.min(local, wanted))];
  let length = Math.min(local, wanted);
  if (length < wanted && start + local + 4 > bytes.length)
    throw new SqliteDamage('a record runs over the end of its page');
  let next = length < wanted ? view.getUint32(start + local) : 0;
  while (length < wanted) {
    const page = read(next);
    const part = page.subarray(4, 4 + Math.min(usable - 4, wanted - length));
    parts.push(part);
    length += part.length;
    next = new DataView(page.buffer, page.byteOffset, 4).getUint32(0);
  }
  return join(parts, length);
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first) return first;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
