import { readBerkeleyHash } from '../../formats/berkeley-hash.ts';
import type { ByteSource } from '../../formats/byte-source.ts';
import { parseRpmHeader, type RpmHeader, rpmFiles } from '../../formats/rpm-header.ts';
import { readNdbPackages } from '../../formats/rpm-ndb.ts';
import { compareRpmVersions } from '../../formats/rpm-version.ts';
import { openSqlite, type SqliteDatabase, type SqliteReading } from '../../formats/sqlite.ts';
import { CouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { InstalledPackage, PackageChange, PackageDatabase } from '../packages.ts';
import { fileSource } from './source.ts';

/** Where rpm keeps its database (`%_dbpath`): today, before, and on systems that ostree lays out. */
export const rpmFolders = ['/usr/lib/sysimage/rpm', '/var/lib/rpm', '/usr/share/rpm'];
/** Index and first strings of a header; what lies further on is read when it is asked for. */
const headLength = 4 * 1024;
const earliest = 1_000_000_000;

/** rpm's database; undefined when there is none. Throws when there is one that cannot be read. */
export function rpmDatabase(rootFs: RootFs): PackageDatabase | undefined {
  for (const folder of rpmFolders) {
    const sqlite = fileSource(rootFs, `${folder}/rpmdb.sqlite`);
    if (sqlite && sqlite.size > 0) return sqliteDatabase(rootFs, `${folder}/rpmdb.sqlite`, sqlite);
    const ndb = fileSource(rootFs, `${folder}/Packages.db`);
    if (ndb && ndb.size > 0) return ndbDatabase(rootFs, `${folder}/Packages.db`, ndb);
    const berkeley = fileSource(rootFs, `${folder}/Packages`);
    if (berkeley && berkeley.size > 0) return berkeleyDatabase(rootFs, `${folder}/Packages`, berkeley);
  }
  return undefined;
}

function sqliteDatabase(rootFs: RootFs, path: string, source: ByteSource): PackageDatabase {
  const journal = rootFs.stat(`${path}-journal`);
  if (journal && journal.size > 0) throw new CouldNotRead(path, 'a transaction on the database was not finished');
  const database = openSqlite(source, fileSource(rootFs, `${path}-wal`));
  if (typeof database === 'string') throw new CouldNotRead(path, `the database ${database}`);
  const sound = <T>({ found, damage }: SqliteReading<T>): readonly T[] => {
    if (damage !== undefined) throw new CouldNotRead(path, `the database ${damage}`);
    return found;
  };
  const numbers = memoized(() => numbersByName(sound(database.rows('Name'))));
  const header = (number: number, limit?: number) => blobOf(sound(database.row('Packages', number, limit)));
  const read = (number: number): RpmHeader | undefined =>
    parseRpmHeader(header(number, headLength)) ?? parseRpmHeader(header(number));
  return {
    manager: 'rpm',
    evidence: { path },
    find: (name) => {
      const found = newest((numbers().get(name) ?? []).map(read));
      return found && toInstalled(found, path);
    },
    files: (name) => {
      const number = numbers().get(name)?.at(-1);
      return number === undefined ? undefined : rpmFiles(header(number));
    },
    ownerOf: (file) => ownerOf(database, file, sound, (number) => header(number)),
    lastChange: () => {
      const times = sound(database.rows('Installtid')).map(({ values }) => littleEndian(values[0]));
      return changeAt(Math.max(0, ...times), path);
    },
  };
}

/** A package's header where nothing but the order of the file leads to it. */
interface HeaderPlace {
  read(limit?: number): Uint8Array;
}

function ndbDatabase(rootFs: RootFs, path: string, source: ByteSource): PackageDatabase {
  const packages = readNdbPackages(source);
  if (typeof packages === 'string') throw new CouldNotRead(path, `the database ${packages}`);
  const places = packages.map(({ offset, length }) => ({
    read: (limit = length) => source.read(offset, Math.min(length, limit)),
  }));
  return listedDatabase(rootFs, path, places);
}

function berkeleyDatabase(rootFs: RootFs, path: string, source: ByteSource): PackageDatabase {
  const values = readBerkeleyHash(source);
  if (typeof values === 'string') throw new CouldNotRead(path, `the database ${values}`);
  // The value of key 0 is the number of the next package.
  return listedDatabase(
    rootFs,
    path,
    values.filter(({ length }) => length > 4),
  );
}

function listedDatabase(rootFs: RootFs, path: string, places: readonly HeaderPlace[]): PackageDatabase {
  const headers = memoized(() =>
    places.map((place) => {
      const header = parseRpmHeader(place.read(headLength)) ?? parseRpmHeader(place.read());
      if (!header) throw new CouldNotRead(path, 'the database holds a header that cannot be read');
      return { place, header };
    }),
  );
  const named = (name: string) => headers().filter(({ header }) => header.name === name);
  return {
    manager: 'rpm',
    evidence: { path },
    find: (name) => {
      const found = newest(named(name).map(({ header }) => header));
      return found && toInstalled(found, path);
    },
    files: (name) => {
      const found = named(name).at(-1);
      return found && rpmFiles(found.place.read());
    },
    ownerOf: (file) => headers().find(({ place }) => rpmFiles(place.read()).includes(file))?.header.name,
    lastChange: () => changeAt(rootFs.stat(path)?.mtime ?? 0, path),
  };
}

/** Columns of the table Name: name, number of the header, place in it. */
function numbersByName(rows: SqliteReading<{ readonly values: readonly unknown[] }>['found']) {
  const numbers = new Map<string, number[]>();
  for (const { values } of rows) {
    const [name, number] = values;
    if (typeof name === 'string' && typeof number === 'number')
      numbers.set(name, [...(numbers.get(name) ?? []), number]);
  }
  return numbers;
}

function ownerOf(
  database: SqliteDatabase,
  file: string,
  sound: <T>(reading: SqliteReading<T>) => readonly T[],
  header: (number: number) => Uint8Array,
): string | undefined {
  const rows = sound(database.find('Basenames_key_idx', file.slice(file.lastIndexOf('/') + 1)));
  for (const rowId of rows) {
    const number = sound(database.row('Basenames', rowId))[0]?.values[1];
    const bytes = typeof number === 'number' ? header(number) : new Uint8Array();
    if (rpmFiles(bytes).includes(file)) return parseRpmHeader(bytes)?.name;
  }
  return undefined;
}

function blobOf(rows: readonly { readonly values: readonly unknown[] }[]): Uint8Array {
  const blob = rows[0]?.values[1];
  return blob instanceof Uint8Array ? blob : new Uint8Array();
}

/** Kernels are installed side by side: the newest stands for the name. */
function newest(headers: readonly (RpmHeader | undefined)[]): RpmHeader | undefined {
  return headers
    .filter((header) => header !== undefined)
    .sort((a, b) => compareRpmVersions(fullVersionOf(a), fullVersionOf(b)))
    .at(-1);
}

function fullVersionOf({ epoch, version, release }: RpmHeader): string {
  return `${epoch ? `${epoch}:` : ''}${version}-${release}`;
}

function toInstalled(header: RpmHeader, path: string): InstalledPackage {
  const { name, version } = header;
  const fullVersion = fullVersionOf(header);
  return { name, version, fullVersion, manager: 'rpm', evidence: { path, text: `${name}-${fullVersion}` } };
}

/** A number as the processors of Azure store it. */
function littleEndian(value: unknown): number {
  if (!(value instanceof Uint8Array) || value.length !== 4) return 0;
  return new DataView(value.buffer, value.byteOffset, 4).getUint32(0, true);
}

function changeAt(seconds: number, path: string): PackageChange | undefined {
  if (seconds < earliest) return undefined;
  return { day: new Date(seconds * 1000).toISOString().slice(0, 10), evidence: { path } };
}

function memoized<T>(compute: () => T): () => T {
  let value: { readonly of: T } | undefined;
  return () => {
    value ??= { of: compute() };
    return value.of;
  };
}
