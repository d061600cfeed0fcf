import type { ByteSource } from './byte-source.ts';
import { indexEntries, type Pages, type SqliteRow, tableRow, tableRows } from './sqlite-btree.ts';
import { SqliteDamage } from './sqlite-record.ts';
import { readWriteAheadLog } from './sqlite-wal.ts';

export type { SqliteRow } from './sqlite-btree.ts';
export type { SqliteValue } from './sqlite-record.ts';

/** What was found before the first damage, and what that was. */
export interface SqliteReading<T> {
  readonly found: readonly T[];
  /** Completes the sentence "the database …". */
  readonly damage?: string;
}

/** A database that is read page by page. Nothing here throws but what the source throws. */
export interface SqliteDatabase {
  readonly tables: readonly string[];
  /** Every row of a table in the order of row ids; none for an unknown table. */
  rows(table: string): SqliteReading<SqliteRow>;
  /** One row; with `payloadLimit` only so many bytes of it are read, and its last value may be cut short. */
  row(table: string, rowId: number, payloadLimit?: number): SqliteReading<SqliteRow>;
  /** Ids of the rows whose text in the first column of an index is this one; the default collation is assumed. */
  find(index: string, key: string): SqliteReading<number>;
}

const MAGIC = 'SQLite format 3\0';
const HEADER_LENGTH = 100;
const UTF_8 = 1;

/**
 * Opens a database of SQLite 3 for reading: b-trees of tables and indexes, overflow pages and the write-ahead log, by
 * sqlite.org/fileformat2.html. A text instead completes the sentence "the database …".
 */
export function openSqlite(source: ByteSource, log?: ByteSource): SqliteDatabase | string {
  const header = source.read(0, HEADER_LENGTH);
  if (header.length < HEADER_LENGTH || new TextDecoder('latin1').decode(header.subarray(0, MAGIC.length)) !== MAGIC) {
    return 'is not one of SQLite 3';
  }
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const pageSize = view.getUint16(16) === 1 ? 65536 : view.getUint16(16);
  const usable = pageSize - view.getUint8(20);
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0 || usable < 480) {
    return `has pages of ${pageSize} bytes, which SQLite does not write`;
  }
  const replaced = log === undefined ? new Map<number, number>() : readWriteAheadLog(log, pageSize).pages;
  const read = (number: number): Uint8Array => {
    const inLog = replaced.get(number);
    const page =
      inLog === undefined || log === undefined
        ? source.read(Math.max(0, number - 1) * pageSize, pageSize)
        : log.read(inLog, pageSize);
    if (number < 1 || page.length < pageSize) throw new SqliteDamage(`page ${number} is missing`);
    return page;
  };
  const encoding = gather(function* () {
    const first = read(1);
    // A database whose first transaction is still in the log has its encoding there.
    yield new DataView(first.buffer, first.byteOffset).getUint32(56);
  });
  if ((encoding.found[0] ?? 0) > UTF_8) return 'holds its texts as UTF-16, which is not read here';
  const decoder = new TextDecoder();
  const capacity = source.size + (log?.size ?? 0);
  /** Pages for one reading: whatever the cells point to, it takes no more than the database has. */
  const newReading = (): Pages => {
    let spent = 0;
    return {
      read,
      usable,
      decode: (bytes) => decoder.decode(bytes),
      spend: (bytes) => {
        spent += bytes + 1;
        if (spent > capacity) throw new SqliteDamage('its rows are larger than itself');
      },
    };
  };
  return encoding.damage ?? databaseOf(newReading);
}

function databaseOf(newReading: () => Pages): SqliteDatabase | string {
  const { found: schema, damage } = gather(() => tableRows(newReading(), 1));
  if (damage !== undefined) return damage;
  const roots = new Map<string, number>();
  const tables: string[] = [];
  for (const { values } of schema) {
    const [type, name, , root] = values;
    if (typeof name !== 'string' || typeof root !== 'number') continue;
    roots.set(name, root);
    if (type === 'table') tables.push(name);
  }
  const below = <T>(name: string, read: (root: number) => Iterable<T>): SqliteReading<T> => {
    const root = roots.get(name);
    return root === undefined ? { found: [] } : gather(() => read(root));
  };
  return {
    tables,
    rows: (table) => below(table, (root) => tableRows(newReading(), root)),
    row: (table, rowId, payloadLimit = Number.POSITIVE_INFINITY) =>
      below(table, (root) => {
        const row = tableRow(newReading(), root, rowId, payloadLimit);
        return row ? [row] : [];
      }),
    find: (index, key) => below(index, (root) => indexEntries(newReading(), root, key)),
  };
}

function gather<T>(read: () => Iterable<T>): SqliteReading<T> {
  const found: T[] = [];
  try {
    for (const item of read()) found.push(item);
  } catch (error) {
    if (!(error instanceof SqliteDamage)) throw error;
    return { found, damage: `is damaged: ${error.message}` };
  }
  return { found };
}
