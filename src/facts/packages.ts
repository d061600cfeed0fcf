import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { dpkgDatabase, dpkgStatusPath } from './packages/dpkg.ts';
import { rpmDatabase, rpmFolders } from './packages/rpm.ts';

/** A package that the package manager says is installed. */
export interface InstalledPackage {
  readonly name: string;
  /** The version of the program itself: without epoch, packager's revision or release. */
  readonly version: string;
  /** As the package manager shows it. */
  readonly fullVersion: string;
  readonly manager: 'dpkg' | 'rpm';
  readonly evidence: Evidence;
}

/** The day of the last installation or removal. */
export interface PackageChange {
  /** YYYY-MM-DD. */
  readonly day: string;
  readonly evidence: Evidence;
}

/** One package manager's database. Each question may throw `CouldNotRead`. */
export interface PackageDatabase {
  readonly manager: 'dpkg' | 'rpm';
  readonly evidence: Evidence;
  find(name: string): InstalledPackage | undefined;
  /** Absolute paths of a package's files; undefined when it is not installed or its list is missing. */
  files(name: string): readonly string[] | undefined;
  /** Name of the package that brings a file of /etc. */
  ownerOf(path: string): string | undefined;
  /** Undefined when nothing tells. */
  lastChange(): PackageChange | undefined;
}

/** Installed packages, by the database of the distribution's package manager. */
export interface Packages {
  /** `absent`: the image has no package manager's database, as image-based systems have none. */
  readonly state: 'read' | 'absent' | CouldNotRead;
  /** Set when `state` is `read`. */
  readonly manager?: 'dpkg' | 'rpm';
  readonly database?: Evidence;
  /**
   * The first of these names that is installed, since distributions name packages differently. Nothing when there is
   * no database; throws `state` when it could not be read.
   */
  find(...names: readonly string[]): InstalledPackage | undefined;
  /** Whether a package brings this file; undefined when its list of files is missing. Throws as `find`. */
  owns(name: string, path: string): boolean | undefined;
  /** Name of the package that brings a file of /etc. Throws as `find`. */
  ownerOf(path: string): string | undefined;
  /** Throws as `find`. */
  lastChange(): PackageChange | undefined;
}

/** Package managers of which only the existence is known. */
const unreadDatabases = [
  { path: '/lib/apk/db/installed', manager: 'apk' },
  { path: '/usr/lib/apk/db/installed', manager: 'apk' },
  { path: '/var/lib/pacman/local', manager: 'pacman' },
];

/** Installed packages with their versions; looked up by name, since a database may be large. */
export const packages = defineFact<Packages>({
  id: 'packages',
  description: "Installed packages by dpkg's status file or rpm's database (SQLite, ndb or Berkeley DB).",
  reads: [
    dpkgStatusPath,
    '/var/lib/dpkg/info/*.list',
    '/var/log/dpkg.log',
    ...rpmFolders.map((folder) => `${folder}/*`),
  ],
  compute({ rootFs }) {
    const database = attempt(() => findDatabase(rootFs));
    if (database === undefined) return { state: 'absent', ...nothing };
    if (isCouldNotRead(database)) {
      const refuse = () => {
        throw database;
      };
      return { state: database, find: refuse, owns: refuse, ownerOf: refuse, lastChange: refuse };
    }
    return {
      state: 'read',
      manager: database.manager,
      database: database.evidence,
      find: (...names) => {
        for (const name of names) {
          const found = database.find(name);
          if (found) return found;
        }
        return undefined;
      },
      owns: (name, path) => database.files(name)?.includes(path),
      ownerOf: database.ownerOf,
      lastChange: database.lastChange,
    };
  },
});

const nothing = {
  find: () => undefined,
  owns: () => undefined,
  ownerOf: () => undefined,
  lastChange: () => undefined,
};

/** A system of dpkg may have rpm as a tool, with an empty database; hardly the reverse. */
function findDatabase(rootFs: RootFs): PackageDatabase | undefined {
  const known = dpkgDatabase(rootFs) ?? rpmDatabase(rootFs);
  if (known) return known;
  for (const { path, manager } of unreadDatabases) {
    if (rootFs.stat(path) !== undefined) {
      throw new CouldNotRead(path, `a package database of ${manager}, which is not read here`);
    }
  }
  return undefined;
}
