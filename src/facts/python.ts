import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { RootFs } from '../image/root-fs.ts';

/** A Python interpreter of the image. */
export interface PythonInterpreter {
  /** The path that was asked for. */
  readonly path: string;
  /** `3.11`; undefined when neither its name nor its library tells. */
  readonly version?: string;
  /** The file that it leads to. */
  readonly evidence: Evidence;
  /** Its standard library; undefined when that is not in the image. */
  readonly standardLibrary?: string;
  /** Where its packages lie, of the directories that exist. */
  readonly packageDirectories: readonly string[];
  /** A module or package of this name, wherever `import` would find it; packed eggs are not opened. */
  findModule(name: string): Evidence | undefined;
}

export interface Python {
  /** The interpreter that a path leads to; undefined when there is no executable file. */
  at(path: string): PythonInterpreter | undefined;
  /** What `python3`, else `python`, means to a script. */
  readonly system?: PythonInterpreter;
}

const prefixes = ['/usr/local', '/usr'];

/** Interpreters by path, with the libraries of their version. */
export const python = defineFact<Python>({
  id: 'python',
  description: 'Python interpreters, their versions and the modules that they can import.',
  reads: ['/usr/{,local/}bin/python*', '/usr/libexec/platform-python*', '/usr/{,local/}lib{,64}/python*/**'],
  compute({ rootFs }) {
    const known = new Map<string, PythonInterpreter | undefined>();
    const at = (path: string) => {
      if (!known.has(path)) known.set(path, interpreterAt(rootFs, path));
      return known.get(path);
    };
    const system = at('/usr/bin/python3') ?? at('/usr/bin/python') ?? at('/usr/libexec/platform-python');
    return { at, ...(system && { system }) };
  },
});

function interpreterAt(rootFs: RootFs, path: string): PythonInterpreter | undefined {
  const status = rootFs.stat(path);
  if (status?.type !== 'file' || (status.mode & 0o111) === 0) return undefined;
  const real = rootFs.realPath(path) ?? path;
  const version = /python(\d+\.\d+)$/.exec(real)?.[1] ?? onlyVersion(rootFs, path);
  const folders = version === undefined ? [] : libraryFolders(rootFs, version);
  const standardLibrary = folders.find((folder) => rootFs.stat(`${folder}/os.py`) ?? rootFs.stat(`${folder}/os.pyc`));
  const packageDirectories = [
    ...folders.flatMap((folder) => [`${folder}/site-packages`, `${folder}/dist-packages`]),
    // Debian keeps packages for all versions of Python 3 in one place.
    ...(version?.startsWith('3.') ? ['/usr/lib/python3/dist-packages'] : []),
  ].filter((folder) => rootFs.stat(folder)?.type === 'directory');
  return {
    path,
    ...(version !== undefined && { version }),
    evidence: { path: real },
    ...(standardLibrary !== undefined && { standardLibrary }),
    packageDirectories,
    findModule: (name) => findModule(rootFs, [...folders, ...packageDirectories], name),
  };
}

/** Without a version in its name the interpreter belongs to the one library that there is. */
function onlyVersion(rootFs: RootFs, path: string): string | undefined {
  const isTwo = /python2?$/.test(path);
  const versions = new Set(
    ['/usr/lib', '/usr/lib64']
      .flatMap((folder) => rootFs.readDir(folder) ?? [])
      .flatMap(({ name }) => /^python(\d+\.\d+)$/.exec(name)?.[1] ?? []),
  );
  const matching = [...versions].filter((version) => version.startsWith('2.') === isTwo);
  const [only] = matching.length > 0 ? matching : versions;
  return matching.length > 1 ? undefined : only;
}

function libraryFolders(rootFs: RootFs, version: string): readonly string[] {
  return prefixes
    .flatMap((prefix) => [`${prefix}/lib64/python${version}`, `${prefix}/lib/python${version}`])
    .filter((folder) => rootFs.stat(folder)?.type === 'directory');
}

function findModule(rootFs: RootFs, folders: readonly string[], name: string): Evidence | undefined {
  for (const folder of folders) {
    for (const candidate of [`${folder}/${name}/__init__.py`, `${folder}/${name}`, `${folder}/${name}.py`]) {
      if (rootFs.stat(candidate) !== undefined) return { path: candidate };
    }
    for (const place of [folder, `${folder}/lib-dynload`]) {
      const library = (rootFs.readDir(place) ?? []).find((entry) => isExtension(entry.name, name));
      if (library) return { path: `${place}/${library.name}` };
    }
    // An unpacked egg is a directory of its own on the path.
    for (const entry of rootFs.readDir(folder) ?? []) {
      if (!/\.egg$/.test(entry.name) || entry.type !== 'directory') continue;
      const inside = `${folder}/${entry.name}/${name}`;
      if (rootFs.stat(inside) ?? rootFs.stat(`${inside}.py`)) return { path: inside };
    }
  }
  return undefined;
}

function isExtension(file: string, module: string): boolean {
  return file.startsWith(`${module}.`) && file.endsWith('.so');
}
