import type { ByteSource } from './byte-source.ts';

/** A value of the database, read as far as it is wanted. */
export interface BerkeleyValue {
  readonly length: number;
  /** At most `limit` bytes; fewer when the chain of its pages is broken. */
  read(limit?: number): Uint8Array;
}

const META_LENGTH = 512;
const HASH_MAGIC = 0x00061561;
const PAGE_HEADER_LENGTH = 26;
/** Types of pages and of items on them (dbinc/db_page.h). */
const HASH_PAGES = [2, 13];
const OVERFLOW_PAGE = 7;
const INLINE = 1;
const OFF_PAGE = 3;
const MOST_BUCKETS = 1_000_000;

interface Database {
  readonly source: ByteSource;
  readonly pageSize: number;
  readonly littleEndian: boolean;
}

/**
 * Values of a hash database of Berkeley DB, as rpm up to 4.15 keeps packages in: buckets of pages, and large values in
 * chains of overflow pages (db_page.h and `BUCKET_TO_PAGE` of hash.h). A text instead completes "the database …".
 */
export function readBerkeleyHash(source: ByteSource): readonly BerkeleyValue[] | string {
  const meta = source.read(0, META_LENGTH);
  if (meta.length < META_LENGTH) return 'is not one of Berkeley DB';
  const view = viewOf(meta);
  const littleEndian = view.getUint32(12, true) === HASH_MAGIC;
  if (!littleEndian && view.getUint32(12) !== HASH_MAGIC) return 'is not a hash of Berkeley DB';
  const pageSize = view.getUint32(20, littleEndian);
  if (pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0) return `has pages of ${pageSize} bytes`;
  if (view.getUint8(24) !== 0) return 'is encrypted';
  const lastBucket = view.getUint32(72, littleEndian);
  if (lastBucket > MOST_BUCKETS) return `claims ${lastBucket} buckets`;

  const database = { source, pageSize, littleEndian };
  const values: BerkeleyValue[] = [];
  const seen = new Set<number>();
  for (let bucket = 0; bucket <= lastBucket; bucket += 1) {
    // Pages of buckets are laid down in groups that double in size; each group has its own shift.
    const group = bucket === 0 ? 0 : 32 - Math.clz32(bucket);
    let number = bucket + view.getUint32(96 + 4 * group, littleEndian);
    while (number !== 0 && !seen.has(number)) {
      seen.add(number);
      const page = readPage(database, number);
      // A bucket without an entry has a page that may never have been written.
      if (!page || !HASH_PAGES.includes(page.getUint8(25))) break;
      values.push(...valuesOn(database, page));
      number = page.getUint32(16, littleEndian);
    }
  }
  return values;
}

/** Items come in pairs of key and value, and lie back to back from the end of the page. */
function valuesOn(database: Database, page: DataView): readonly BerkeleyValue[] {
  const { littleEndian, pageSize } = database;
  const count = Math.min(page.getUint16(20, littleEndian), Math.floor((pageSize - PAGE_HEADER_LENGTH) / 2));
  const offsets = Array.from({ length: count }, (_, index) =>
    page.getUint16(PAGE_HEADER_LENGTH + 2 * index, littleEndian),
  );
  return offsets.flatMap((offset, index): BerkeleyValue[] => {
    const end = offsets[index - 1] ?? pageSize;
    if (index % 2 === 0 || offset < PAGE_HEADER_LENGTH || offset >= end || end > pageSize) return [];
    const type = page.getUint8(offset);
    if (type === INLINE) {
      const bytes = new Uint8Array(page.buffer, page.byteOffset + offset + 1, end - offset - 1);
      return [{ length: bytes.length, read: (limit) => bytes.subarray(0, limit) }];
    }
    if (type !== OFF_PAGE || end - offset < 12) return [];
    const first = page.getUint32(offset + 4, littleEndian);
    // Whatever it claims, a value is no longer than its file.
    const length = Math.min(page.getUint32(offset + 8, littleEndian), database.source.size);
    return [{ length, read: (limit) => overflow(database, first, Math.min(limit ?? length, length)) }];
  });
}

function overflow(database: Database, first: number, length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let filled = 0;
  let number = first;
  while (filled < length) {
    const page = readPage(database, number);
    const stored = page?.getUint8(25) === OVERFLOW_PAGE ? page.getUint16(22, database.littleEndian) : 0;
    const part = Math.min(stored, database.pageSize - PAGE_HEADER_LENGTH, length - filled);
    if (!page || part <= 0) break;
    whole.set(new Uint8Array(page.buffer, page.byteOffset + PAGE_HEADER_LENGTH, part), filled);
    filled += part;
    number = page.getUint32(16, database.littleEndian);
  }
  return whole.subarray(0, filled);
}

function readPage({ source, pageSize }: Database, number: number): DataView | undefined {
  const bytes = source.read(number * pageSize, pageSize);
  return bytes.length === pageSize ? viewOf(bytes) : undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
