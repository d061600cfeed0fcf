import type { Evidence } from '../../engine/model.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import { expandGlob } from '../expand-glob.ts';
import type { UnitFiles } from '../unit-files.ts';

interface Dependent {
  readonly message: string;
  readonly evidence: Evidence;
}

/** Directories whose links to other places move data of a service. */
const dataDirectories = ['/var', '/var/lib', '/opt', '/home', '/srv'];
const mostLinks = 2000;

/** Files in which a service is told where its data lies, with the words that say it. */
const dataSettings: readonly (readonly [service: string, pattern: string, setting: RegExp])[] = [
  ['Docker', '/etc/docker/daemon.json', /^.*"(?:data-root|graph)"\s*:\s*"([^"]+)".*$/m],
  ['containerd', '/etc/containerd/config.toml', /^[ \t]*root\s*=\s*["']([^"']+)["'].*$/m],
  ['MySQL', '/etc/my.cnf', /^[ \t]*datadir\s*=\s*["']?([^"'\s]+).*$/m],
  ['MySQL', '/etc/mysql/my.cnf', /^[ \t]*datadir\s*=\s*["']?([^"'\s]+).*$/m],
  ['MySQL', '/etc/my.cnf.d/*.cnf', /^[ \t]*datadir\s*=\s*["']?([^"'\s]+).*$/m],
  ['MySQL', '/etc/mysql/*.conf.d/*.cnf', /^[ \t]*datadir\s*=\s*["']?([^"'\s]+).*$/m],
  ['PostgreSQL', '/etc/postgresql/*/*/postgresql.conf', /^[ \t]*data_directory\s*=\s*'([^']+)'.*$/m],
];

/** Settings of a unit that name a directory which must be there. */
const directoryKeys = new Set([
  'RequiresMountsFor',
  'WorkingDirectory',
  'ReadWritePaths',
  'BindPaths',
  'RootDirectory',
]);
/** Units with which vendors handle the temporary disk itself. */
const vendorUnits = /^(?:temp-disk-dataloss-warning|azure-ephemeral-disk-setup)\.service$/;

/** What needs a path that `isOnDisk`; of units only the administrator's own, as packages do not know the disk. */
export function findDependents(
  rootFs: RootFs,
  units: UnitFiles,
  isOnDisk: (path: string) => boolean,
): { readonly found: readonly Dependent[]; readonly unread: readonly CouldNotRead[] } {
  const parts = [
    attempt(() => dependentUnits(units, isOnDisk)),
    attempt(() => dependentLinks(rootFs, isOnDisk)),
    ...dataSettings.map((setting) => attempt(() => dependentData(rootFs, setting, isOnDisk))),
  ];
  return {
    found: parts.flatMap((part) => (isCouldNotRead(part) ? [] : part)),
    unread: parts.filter(isCouldNotRead),
  };
}

function dependentUnits(units: UnitFiles, isOnDisk: (path: string) => boolean): readonly Dependent[] {
  return units.names
    .filter((name) => !vendorUnits.test(name) && /\.(?:service|socket|timer)$/.test(name))
    .filter((name) => /^\/(?:etc|usr\/local)\//.test(units.fragmentPath(name) ?? '') && units.state(name).startsAtBoot)
    .flatMap((name) => {
      const settings = units.settings(name);
      if (settings.some(({ key, value }) => key === 'ConditionPathIsMountPoint' && isOnDisk(value))) return [];
      const setting = settings.find(
        ({ key, value }) =>
          directoryKeys.has(key) && value.split(/\s+/).some((path) => isOnDisk(path.replace(/:.*$/, ''))),
      );
      return setting ? [{ message: `${name} needs ${setting.value}`, evidence: setting.evidence }] : [];
    });
}

function dependentLinks(rootFs: RootFs, isOnDisk: (path: string) => boolean): readonly Dependent[] {
  const links = dataDirectories.flatMap((directory) => {
    if (rootFs.stat(directory)?.type !== 'directory') return [];
    const entries = rootFs.readDir(directory) ?? [];
    return entries.filter(({ type }) => type === 'symlink').map(({ name }) => `${directory}/${name}`);
  });
  return links.slice(0, mostLinks).flatMap((path) => {
    const target = rootFs.readLink(path);
    if (target === undefined) return [];
    const absolute = target.startsWith('/') ? target : resolve(path, target);
    return isOnDisk(absolute)
      ? [{ message: `${path} leads to ${absolute}`, evidence: { path, text: `-> ${target}` } }]
      : [];
  });
}

function resolve(from: string, target: string): string {
  const parts = from.split('/').slice(1, -1);
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

function dependentData(
  rootFs: RootFs,
  [service, pattern, setting]: (typeof dataSettings)[number],
  isOnDisk: (path: string) => boolean,
): readonly Dependent[] {
  return expandGlob(rootFs, pattern).flatMap((path) => {
    const text = rootFs.readText(path) ?? '';
    const match = setting.exec(text);
    const [whole = '', directory = ''] = match ?? [];
    if (!match || !isOnDisk(directory)) return [];
    const line = text.slice(0, match.index).split('\n').length;
    return [{ message: `${service} keeps its data in ${directory}`, evidence: { path, line, text: whole.trim() } }];
  });
}
