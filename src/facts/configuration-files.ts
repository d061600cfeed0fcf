import type { RootFs } from '../image/root-fs.ts';

/**
 * Files with one ending in several directories, in the order in which they are read: by name, and of files with one name
 * the one in the first directory (`conf_files_list` of systemd). A link to /dev/null only hides the others.
 */
export function configurationFiles(rootFs: RootFs, directories: readonly string[], ending: string): string[] {
  const files = new Map<string, string>();
  for (const directory of directories) {
    if (rootFs.stat(directory)?.type !== 'directory') continue;
    for (const { name, type } of rootFs.readDir(directory) ?? []) {
      if (name.endsWith(ending) && type !== 'directory' && !files.has(name)) files.set(name, `${directory}/${name}`);
    }
  }
  return [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, path]) => path)
    .filter((path) => rootFs.readLink(path) !== '/dev/null');
}
