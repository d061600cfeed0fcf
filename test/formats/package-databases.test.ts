import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { readBerkeleyHash } from '../../src/formats/berkeley-hash.ts';
import { type ByteSource, sourceOf } from '../../src/formats/byte-source.ts';
import { parseRpmHeader, rpmFiles } from '../../src/formats/rpm-header.ts';
import { readNdbPackages } from '../../src/formats/rpm-ndb.ts';
import { openSqlite } from '../../src/formats/sqlite.ts';
import { readRecord, readVarint } from '../../src/formats/sqlite-record.ts';
import { readWriteAheadLog } from '../../src/formats/sqlite-wal.ts';
import { ndbDatabase, rpmDatabase, rpmHeaders } from '../package-fixtures.ts';

const bytes = rpmDatabase;
const headers = rpmHeaders;
const ndb = ndbDatabase;

function opened(source: ByteSource) {
  const database = openSqlite(source);
  if (typeof database === 'string') throw new Error(database);
  return database;
}

/** The database with some bytes changed. */
const damaged = fc
  .array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 12 })
  .map((changes) => {
    const copy = bytes.slice();
    for (const [offset, value] of changes) copy[offset] = value;
    return copy;
  });

function useAll(source: ByteSource): void {
  const database = openSqlite(source);
  if (typeof database === 'string') return;
  for (const table of database.tables) {
    for (const { values } of database.rows(table).found) {
      if (values[1] instanceof Uint8Array) rpmFiles(values[1]);
    }
    database.row(table, 3, 100);
  }
  database.find('Name_key_idx', 'openssl');
}

describe('a database of SQLite', () => {
  it('has its tables, rows and indexes', () => {
    const database = opened(sourceOf(bytes));
    expect(database.tables).toEqual(expect.arrayContaining(['Packages', 'Name', 'Basenames', 'Installtid']));
    const names = database.rows('Name').found.map(({ values }) => values[0]);
    expect([...names].sort()).toEqual(['WALinuxAgent', 'cloud-init', 'hypervkvpd', 'openssl', 'redhat-release']);
    const [rowId = 0] = database.find('Name_key_idx', 'openssl').found;
    const number = database.rows('Name').found.find((row) => row.rowId === rowId)?.values[1];
    const [row] = database.row('Packages', Number(number)).found;
    expect(row?.values[1]).toBeInstanceOf(Uint8Array);
    expect(database.rows('Nothing')).toEqual({ found: [] });
    expect(database.row('Packages', 99).found).toEqual([]);
    expect(database.find('Name_key_idx', 'opens').found).toEqual([]);
  });

  it('reads no more of a payload than it is asked for', () => {
    const database = opened(sourceOf(bytes));
    const [{ rowId } = { rowId: 0 }] = database.rows('Packages').found;
    const [row] = database.row('Packages', rowId, 64).found;
    expect(row?.values[1]).toHaveLength(64 - 4);
  });

  test.each([
    ['nothing', new Uint8Array(), 'is not one of SQLite 3'],
    ['another file', new TextEncoder().encode('x'.repeat(200)), 'is not one of SQLite 3'],
    ['only its header', bytes.slice(0, 100), 'is damaged: page 1 is missing'],
    ['pages of 7 bytes', withBytes(16, 0, 7), 'has pages of 7 bytes, which SQLite does not write'],
    ['UTF-16', withBytes(56, 0, 0, 0, 2), 'holds its texts as UTF-16, which is not read here'],
    ['a first page that is no table', withBytes(100, 10), 'is damaged: page 1 is of an unexpected type 10'],
  ])('%s is refused', (_what, content, reason) => {
    expect(openSqlite(sourceOf(content))).toBe(reason);
  });

  it('names the damage and keeps what was found before', () => {
    const cut = opened(sourceOf(bytes.slice(0, bytes.length - 512)));
    const damages = cut.tables.map((table) => cut.rows(table).damage).filter((damage) => damage !== undefined);
    expect(damages).toEqual([expect.stringMatching(/^is damaged: page \d+ is missing$/)]);
  });

  it('ends on a chain of overflow pages that is longer than the file', () => {
    // A leaf of one cell whose payload claims 2^40 bytes and goes on in the page itself.
    const page = new Uint8Array(1024);
    page.set(bytes.subarray(0, 100));
    page.set([2, 0], 16);
    page.set([13, 0, 0, 0, 1, 1, 0, 0], 100);
    page.set([1, 0], 108);
    page.set([0xa0, 0x80, 0x80, 0x80, 0x80, 0, 1], 256);
    expect(openSqlite(sourceOf(page.slice(0, 512)))).toMatch(/^is damaged: /);
  });

  it('never throws on damaged bytes', () => {
    fc.assert(fc.property(damaged, (content) => useAll(sourceOf(content))));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (content) => useAll(sourceOf(content))));
  });
});

function withBytes(offset: number, ...values: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(values, offset);
  return copy;
}

test.each([
  [[0x00], 0],
  [[0x7f], 127],
  [[0x81, 0x00], 128],
  [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -1],
  [[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x2a], 42],
])('varint %j is %d', (content, value) => {
  expect(readVarint(Uint8Array.from(content), 0)).toEqual([value, content.length]);
});

test('a record has values of every type', () => {
  const header = [11, 0, 1, 2, 3, 8, 9, 7, 14, 15, 17];
  const body = [0xff, 0x01, 0x00, 0xff, 0xff, 0xfe, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xab, 0x61, 0x62, 0x63];
  expect(readRecord(Uint8Array.from([...header, ...body]), (text) => new TextDecoder().decode(text))).toEqual([
    null,
    -1,
    256,
    -2,
    0,
    1,
    1.5,
    Uint8Array.of(0xab),
    'a',
    'bc',
  ]);
});

test('a write-ahead log of other pages or other bytes counts for nothing', () => {
  const log = new Uint8Array(600);
  new DataView(log.buffer).setUint32(0, 0x377f0682);
  expect(readWriteAheadLog(sourceOf(log), 512).pages.size).toBe(0);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (content) => {
      expect(readWriteAheadLog(sourceOf(content), 512).pages.size).toBe(0);
    }),
  );
});

describe('a database of ndb', () => {
  it('leads to the headers', () => {
    const file = ndb(headers);
    const found = readNdbPackages(sourceOf(file));
    if (typeof found === 'string') throw new Error(found);
    const names = found.map(({ offset, length }) => parseRpmHeader(file.subarray(offset, offset + length))?.name);
    expect(names).toEqual(headers.map((header) => parseRpmHeader(header)?.name));
    expect(names).toHaveLength(5);
  });

  test.each([
    ['nothing', new Uint8Array(), 'is not one of ndb'],
    ['another version', changed(4, 1), 'is of version 1 of ndb, of which only 0 is known'],
    ['too many slots', changed(12, 5000), 'claims 5000 pages of slots'],
    ['fewer pages than it says', ndb(headers).slice(0, 4000), 'is cut off'],
    ['a slot that is none', changed(64, 0), 'is damaged: no slot at 64'],
    ['a slot that leads nowhere', changed(56, 1_000_000), 'is damaged: no package at 16000000'],
  ])('%s is refused', (_what, content, reason) => {
    expect(readNdbPackages(sourceOf(content))).toBe(reason);
  });

  it('never throws on damaged bytes', () => {
    const file = ndb(headers.slice(0, 1));
    const changes = fc.array(fc.tuple(fc.nat({ max: 4096 + 16 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(changes, (list) => {
        const copy = file.slice();
        for (const [offset, value] of list) copy[offset] = value;
        readNdbPackages(sourceOf(copy));
      }),
    );
  });
});

function changed(offset: number, value: number): Uint8Array {
  const file = ndb(headers);
  new DataView(file.buffer).setUint32(offset, value, true);
  return file;
}

describe('a header of rpm', () => {
  it('has name, version, release, epoch, architecture and files', () => {
    const found = headers.map(parseRpmHeader);
    expect(found.find((header) => header?.name === 'openssl')).toMatchObject({
      epoch: 1,
      version: '3.2.2',
      release: '6.el9_5',
      arch: 'noarch',
      installTime: expect.any(Number),
    });
    expect(found.find((header) => header?.name === 'cloud-init')).not.toHaveProperty('epoch');
    expect(headers.flatMap(rpmFiles)).toEqual(
      expect.arrayContaining(['/etc/waagent.conf', '/usr/sbin/waagent', '/usr/bin/cloud-init', '/usr/bin/openssl']),
    );
  });

  it('gives what its beginning holds, and nothing when that is too little', () => {
    const [header = new Uint8Array()] = headers;
    const indexEnd = 8 + 16 * new DataView(header.buffer, header.byteOffset).getUint32(0);
    expect(parseRpmHeader(header.subarray(0, indexEnd + 200))?.name).toBe(parseRpmHeader(header)?.name);
    expect(parseRpmHeader(header.subarray(0, indexEnd))).toBeUndefined();
    expect(parseRpmHeader(header.subarray(0, 100))).toBeUndefined();
    expect(rpmFiles(header.subarray(0, indexEnd))).toEqual([]);
  });

  it('never throws on damaged bytes', () => {
    const [header = new Uint8Array()] = headers;
    const changes = fc.array(fc.tuple(fc.nat({ max: header.length - 1 }), fc.nat({ max: 255 })), { maxLength: 8 });
    fc.assert(
      fc.property(changes, (list) => {
        const copy = header.slice();
        for (const [offset, value] of list) copy[offset] = value;
        parseRpmHeader(copy);
        rpmFiles(copy);
      }),
    );
  });
});

describe('a database of Berkeley DB', () => {
  test.each([
    ['nothing', new Uint8Array(), 'is not one of Berkeley DB'],
    ['another file', new Uint8Array(512), 'is not a hash of Berkeley DB'],
    ['pages of 100 bytes', berkeley(20, 100), 'has pages of 100 bytes'],
    ['too many buckets', berkeley(72, 2_000_000), 'claims 2000000 buckets'],
    ['an encrypted one', berkeley(24, 1), 'is encrypted'],
  ])('%s is refused', (_what, content, reason) => {
    expect(readBerkeleyHash(sourceOf(content))).toBe(reason);
  });

  it('without entries has none', () => {
    expect(readBerkeleyHash(sourceOf(berkeley(72, 0)))).toEqual([]);
  });

  it('never throws, whatever its pages hold', () => {
    const content = fc.uint8Array({ minLength: 1024, maxLength: 1024 });
    fc.assert(
      fc.property(content, fc.constantFrom(2, 7, 13), (random, type) => {
        const file = new Uint8Array(512 * 3);
        file.set(berkeley(72, 1).subarray(0, 512));
        file.set(random, 512);
        file[512 + 25] = type;
        const values = readBerkeleyHash(sourceOf(file));
        if (typeof values !== 'string') for (const value of values) value.read();
      }),
    );
  });
});

/** The first page of a hash with pages of 512 bytes. */
function berkeley(offset: number, value: number): Uint8Array {
  const page = new Uint8Array(512);
  const view = new DataView(page.buffer);
  view.setUint32(12, 0x61561, true);
  view.setUint32(20, 512, true);
  view.setUint32(offset, value, true);
  // Bucket 0 begins on page 1.
  view.setUint32(96, 1, true);
  return page;
}
