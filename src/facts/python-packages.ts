import type { RootFs } from '../image/root-fs.ts';

/** Where Python looks for packages, up to the directory that carries the interpreter's version in its name. */
const libraries = ['/usr/lib', '/usr/lib64', '/usr/local/lib', '/usr/share/oem/python/lib'];

/** Directories of installed Python packages: `/usr/lib/python3/dist-packages`, `/usr/lib/python3.9/site-packages`, … */
export function pythonPackageDirectories(rootFs: RootFs): readonly string[] {
  return libraries.flatMap((library) =>
    (rootFs.readDir(library) ?? [])
      .filter(({ name }) => /^python\d/.test(name))
      .flatMap(({ name }) => [`${library}/${name}/dist-packages`, `${library}/${name}/site-packages`])
      .filter((directory) => rootFs.stat(directory)?.type === 'directory'),
  );
}
