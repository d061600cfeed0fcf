import { parseUnitFile, type UnitFile } from '../../formats/systemd-unit.ts';
import type { FileType, RootFs } from '../../image/root-fs.ts';
import { templateOf } from './unit-name.ts';

/** The directories that hold units, in systemd's order of precedence, with their listings kept. */
export interface UnitDirectories {
  readonly rootFs: RootFs;
  /** Those of the search path that are in the image. */
  readonly paths: readonly string[];
  /** Names in a directory; empty when it is absent or no directory. */
  list(path: string): ReadonlyMap<string, FileType>;
  /** Links in a directory of the search path itself, with the last name of where each leads. */
  links(directory: string): readonly (UnitLink & { readonly target: () => string })[];
  /** Links in the `.wants`, `.requires` and `.upholds` below a directory of the search path. */
  dependencyLinks(directory: string): readonly DependencyLink[];
  /** A unit file, drop-in or the like; one that is masked is as good as empty. */
  read(path: string): UnitFile;
}

export interface UnitLink {
  readonly path: string;
  readonly name: string;
}

export interface DependencyLink extends UnitLink {
  /** Of a link to an instance. */
  readonly template: string | undefined;
}

/** `lookup_paths_init` of systemd for the system manager. */
const SEARCH_PATH = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/run/systemd/generator.early',
  '/etc/systemd/system',
  '/etc/systemd/system.attached',
  '/run/systemd/system',
  '/run/systemd/system.attached',
  '/run/systemd/generator',
  '/usr/local/lib/systemd/system',
  '/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/run/systemd/generator.late',
] as const;

const DEPENDENCY_DIRECTORY = /\.(?:wants|requires|upholds)$/;

export function openUnitDirectories(rootFs: RootFs): UnitDirectories {
  const list = remembered((path): ReadonlyMap<string, FileType> => {
    const isDirectory = rootFs.stat(path)?.type === 'directory';
    const entries = isDirectory ? (rootFs.readDir(path) ?? []) : [];
    return new Map(entries.map(({ name, type }) => [name, type]));
  });
  const namesOf = (directory: string, wanted: FileType) =>
    [...list(directory)].flatMap(([name, type]) => (type === wanted ? [name] : []));
  const links = remembered((directory) =>
    namesOf(directory, 'symlink').map((name) => {
      const path = `${directory}/${name}`;
      return { path, name, target: once(() => baseName(rootFs.readLink(path) ?? '')) };
    }),
  );
  const dependencyLinks = remembered((directory) =>
    namesOf(directory, 'directory')
      .filter((entry) => DEPENDENCY_DIRECTORY.test(entry))
      .flatMap((entry) =>
        namesOf(`${directory}/${entry}`, 'symlink').map(
          (name): DependencyLink => ({ path: `${directory}/${entry}/${name}`, name, template: templateOf(name) }),
        ),
      ),
  );
  const read = remembered((path) => parseUnitFile(readUnitText(rootFs, path)));
  // With /lib a link to usr/lib both are one directory, which distributions without split /usr know by the long name.
  const libIsMerged = rootFs.realPath('/lib/systemd/system') === rootFs.realPath('/usr/lib/systemd/system');
  const paths = SEARCH_PATH.filter((path) => !(libIsMerged && path === '/lib/systemd/system') && list(path).size > 0);
  return { rootFs, paths, list, links, dependencyLinks, read };
}

/** The function with its answers kept. */
function remembered<T extends object>(compute: (path: string) => T): (path: string) => T {
  const answers = new Map<string, T>();
  return (path) => {
    const known = answers.get(path);
    if (known) return known;
    const answer = compute(path);
    answers.set(path, answer);
    return answer;
  };
}

/** The function with its answer kept. */
export function once<T>(compute: () => T): () => T {
  let answer: { readonly value: T } | undefined;
  return () => {
    answer ??= { value: compute() };
    return answer.value;
  };
}

/** Whether a path is below a unit directory, be the directory there or not. */
export function isInUnitDirectory(path: string): boolean {
  return SEARCH_PATH.some((directory) => path.startsWith(`${directory}/`));
}

/** Everything below /run is gone after a boot, so systemd calls its settings "runtime". */
export function isRuntime(path: string): boolean {
  return path === '/run' || path.startsWith('/run/');
}

export function isGenerated(path: string): boolean {
  return path.startsWith('/run/systemd/generator') || path.startsWith('/run/systemd/transient/');
}

/**
 * Where a link in a unit directory leads: links in the parent directories are resolved, the last name is taken as it is,
 * and what does not exist is joined by its text (`chase_symlinks` with `CHASE_NOFOLLOW | CHASE_NONEXISTENT`).
 */
export function linkDestination(rootFs: RootFs, path: string): string {
  const text = rootFs.readLink(path) ?? '';
  return normalize(text.startsWith('/') ? text : `${parentOf(path)}/${text}`, rootFs);
}

/** Empty file or device: how a unit is masked (`null_or_empty`). */
export function isNullOrEmpty(rootFs: RootFs, path: string): boolean {
  if (path === '/dev/null') return true;
  const status = rootFs.stat(path);
  if (!status) return false;
  return status.type === 'file' ? status.size === 0 : status.type.endsWith('-device');
}

/** Text of a unit file, drop-in or preset; empty for one that is masked, whether the device is in the image or not. */
export function readUnitText(rootFs: RootFs, path: string): string {
  const isLink = rootFs.lstat(path)?.type === 'symlink';
  if (isLink && isNullOrEmpty(rootFs, linkDestination(rootFs, path))) return '';
  return rootFs.readText(path) ?? '';
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 1));
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The directory part is resolved as a whole where it exists, which is nearly always. */
function normalize(path: string, rootFs: RootFs): string {
  const name = baseName(path);
  const parent = name === '' || name === '.' || name === '..' ? undefined : rootFs.realPath(parentOf(path));
  if (parent !== undefined) return parent === '/' ? `/${name}` : `${parent}/${name}`;

  const components = path.split('/').filter((component) => component !== '' && component !== '.');
  let resolved = '';
  for (const [index, component] of components.entries()) {
    if (component === '..') resolved = parentOf(resolved || '/');
    else if (index === components.length - 1) resolved = `${resolved}/${component}`;
    else resolved = rootFs.realPath(`${resolved}/${component}`) ?? `${resolved}/${component}`;
    if (resolved === '/') resolved = '';
  }
  return resolved || '/';
}
