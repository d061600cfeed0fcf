import { attempt, type CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import { linkDestination } from '../unit-files/directories.ts';

/** A configuration file that counts; an empty text stands for one that only hides others. */
export interface FoundFile {
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

/**
 * Files of several directories in the order of their names; of one name, only that of the earlier directory counts.
 * A link to /dev/null or an empty file hides the others as well.
 */
export function filesByName(
  rootFs: RootFs,
  directories: readonly string[],
  isWanted: (name: string, directory: string) => boolean,
): readonly (FoundFile | CouldNotRead)[] {
  const found = new Map<string, FoundFile | CouldNotRead>();
  const seen = new Set<string>();
  const unread: CouldNotRead[] = [];
  for (const directory of directories) {
    const names = attempt(() => listed(rootFs, directory, seen));
    if (isCouldNotRead(names)) {
      unread.push(names);
      continue;
    }
    for (const name of names) {
      if (!isWanted(name, directory) || found.has(name)) continue;
      const path = `${directory}/${name}`;
      found.set(
        name,
        attempt(() => ({ name, path, text: textOf(rootFs, path) })),
      );
    }
  }
  const names = [...found.keys()].sort();
  return [...unread, ...names.flatMap((name) => found.get(name) ?? [])];
}

/** None when another path led to the same directory already: /lib is mostly a link to usr/lib. */
function listed(rootFs: RootFs, directory: string, seen: Set<string>): readonly string[] {
  const real = rootFs.realPath(directory);
  if (real === undefined || seen.has(real) || rootFs.stat(real)?.type !== 'directory') return [];
  seen.add(real);
  return (rootFs.readDir(real) ?? []).filter(({ type }) => type !== 'directory').map(({ name }) => name);
}

function textOf(rootFs: RootFs, path: string): string {
  const isLink = rootFs.lstat(path)?.type === 'symlink';
  if (isLink && linkDestination(rootFs, path) === '/dev/null') return '';
  return rootFs.readText(path) ?? '';
}
