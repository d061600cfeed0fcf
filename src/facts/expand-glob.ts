import { globMatcher, hasWildcard } from '../formats/glob-pattern.ts';
import { CouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';

/** Paths that one pattern may lead to; wildcards in many components multiply. */
const mostPaths = 10_000;

/**
 * Paths of the image that a pattern of glob(3) names, in lexical order; wildcards may stand in any component.
 * `from` is a directory to start in, in which nothing is a wildcard.
 */
export function expandGlob(rootFs: RootFs, pattern: string, from = ''): readonly string[] {
  let found: readonly string[] = [from];
  for (const component of pattern.split('/').filter((part) => part !== '')) {
    found = found.flatMap((directory) => children(rootFs, directory, component));
    if (found.length > mostPaths) throw new CouldNotRead(pattern, `names more than ${mostPaths} files`);
  }
  return found.filter((path) => path !== from && rootFs.stat(path) !== undefined).toSorted();
}

function children(rootFs: RootFs, directory: string, component: string): readonly string[] {
  if (!hasWildcard(component)) return [`${directory}/${component}`];
  if (rootFs.stat(directory || '/')?.type !== 'directory') return [];
  const matches = globMatcher(component);
  const entries = rootFs.readDir(directory || '/') ?? [];
  return entries.filter(({ name }) => matches(name)).map(({ name }) => `${directory}/${name}`);
}
