import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import { sourceOf } from '../src/formats/byte-source.ts';
import { openSqlite } from '../src/formats/sqlite.ts';
import { imageFrom } from '../src/testing/image.ts';
import { readBaseTree } from '../src/testing/rule-cases.ts';

const roots = join(import.meta.dirname, '..', 'fixtures', 'roots');
export const rpmTree = readBaseTree(roots, 'mixins/rpm-database');

/** The database of the base trees, which rpm itself wrote. */
export const rpmDatabase = imageFrom(rpmTree).rootFs.readBytes('/var/lib/rpm/rpmdb.sqlite') ?? new Uint8Array();

const opened = openSqlite(sourceOf(rpmDatabase));

/** Package headers as rpm wrote them. */
export const rpmHeaders: readonly Uint8Array[] =
  typeof opened === 'string'
    ? []
    : opened.rows('Packages').found.flatMap(({ values }) => (values[1] instanceof Uint8Array ? [values[1]] : []));

/** A database of ndb with one page of slots and these headers. */
export function ndbDatabase(headers: readonly Uint8Array[]): Uint8Array {
  const blocks = (header: Uint8Array) => 16 + Math.ceil(header.length / 16) * 16;
  const file = Buffer.alloc(4096 + headers.reduce((sum, header) => sum + blocks(header), 0));
  file.write('RpmP', 0, 'latin1');
  file.writeUInt32LE(1, 12);
  for (let slot = 32; slot < 4096; slot += 16) file.write('Slot', slot, 'latin1');
  let offset = 4096;
  for (const [index, header] of headers.entries()) {
    // The first slot is free, as after a removal.
    const slot = 48 + 16 * index;
    file.writeUInt32LE(index + 1, slot + 4);
    file.writeUInt32LE(offset / 16, slot + 8);
    file.writeUInt32LE(1, slot + 12);
    file.write('BlbS', offset, 'latin1');
    file.writeUInt32LE(index + 1, offset + 4);
    file.writeUInt32LE(header.length, offset + 12);
    file.set(header, offset + 16);
    offset += blocks(header);
  }
  return new Uint8Array(file);
}
