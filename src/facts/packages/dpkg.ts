import { compareDebVersions, parseDebVersion } from '../../formats/deb-version.ts';
import { type DpkgPackage, parseDpkgStatus } from '../../formats/dpkg-status.ts';
import { attempt, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { InstalledPackage, PackageChange, PackageDatabase } from '../packages.ts';

const folder = '/var/lib/dpkg';
export const dpkgStatusPath = `${folder}/status`;
const logPath = '/var/log/dpkg.log';
/** Before 2001 no file of a system was written: the builder set the time to a fixed one. */
const earliest = 1_000_000_000;

/** All but the work of triggers is done: the files are in place. */
const presentStates = new Set(['installed', 'triggers-pending', 'triggers-awaited']);

/** dpkg's database; undefined when there is none, or none with a package in it. */
export function dpkgDatabase(rootFs: RootFs): PackageDatabase | undefined {
  const text = rootFs.readText(dpkgStatusPath);
  if (text === undefined) return undefined;
  const { packages } = parseDpkgStatus(text);
  if (packages.length === 0) return undefined;
  const installed = new Map<string, DpkgPackage>();
  for (const found of packages) {
    const other = installed.get(found.name)?.version;
    const isNewer =
      found.version !== undefined && (other === undefined || compareDebVersions(found.version, other) > 0);
    if (presentStates.has(found.state) && isNewer) installed.set(found.name, found);
  }
  return {
    manager: 'dpkg',
    evidence: { path: dpkgStatusPath },
    find: (name) => {
      const found = installed.get(name);
      return found && toInstalled(found);
    },
    files: (name) => {
      const architecture = installed.get(name)?.architecture;
      const lists = [`${folder}/info/${name}.list`, `${folder}/info/${name}:${architecture}.list`];
      const list = lists.find((path) => rootFs.stat(path)?.type === 'file');
      return list === undefined ? undefined : (rootFs.readText(list) ?? '').split('\n');
    },
    ownerOf: (path) => packages.find(({ configurationFiles }) => configurationFiles.includes(path))?.name,
    lastChange: () => lastChange(rootFs),
  };
}

function toInstalled({ name, version = '', versionLine }: DpkgPackage): InstalledPackage {
  return {
    name,
    version: parseDebVersion(version).upstream,
    fullVersion: version,
    manager: 'dpkg',
    evidence: {
      path: dpkgStatusPath,
      ...(versionLine !== undefined && { line: versionLine }),
      text: `${name} ${version}`,
    },
  };
}

/** The log has the time of each change; where it was cleaned away, the status file was written by the last one. */
function lastChange(rootFs: RootFs): PackageChange | undefined {
  const log = attempt(() => rootFs.readText(logPath));
  const lines = isCouldNotRead(log) || log === undefined ? [] : log.trimEnd().split('\n');
  const text = lines.at(-1) ?? '';
  const [, day] = /^(\d{4}-\d{2}-\d{2}) \d{2}:\d{2}:\d{2} /.exec(text) ?? [];
  if (day !== undefined) return { day, evidence: { path: logPath, line: lines.length, text } };
  const seconds = rootFs.stat(dpkgStatusPath)?.mtime ?? 0;
  if (seconds < earliest) {
    if (isCouldNotRead(log)) throw log;
    return undefined;
  }
  return { day: new Date(seconds * 1000).toISOString().slice(0, 10), evidence: { path: dpkgStatusPath } };
}
