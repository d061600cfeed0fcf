import { ReadFailure } from '../files/file-tree.ts';
import type { ComposedNode, ComposedTree } from './composed-tree.ts';
import { attempt, isCouldNotRead } from './could-not-read.ts';
import type { FileStatus } from './root-fs.ts';
import { TreeRootFs } from './tree-root-fs.ts';

/**
 * The path of a mount point without links, through what is mounted so far; the part of it that does not exist stays as
 * it is, as systemd makes those directories. Undefined when it leads through a file or cannot be followed.
 */
export function placeOf(tree: ComposedTree, path: string): string | undefined {
  const rootFs = new TreeRootFs(tree);
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) return undefined;
  for (let count = names.length; count >= 0; count--) {
    const real = attempt(() => rootFs.realPath(`/${names.slice(0, count).join('/')}`));
    if (isCouldNotRead(real)) return undefined;
    if (real === undefined) continue;
    const rest = names.slice(count);
    if (rest.length === 0) return real;
    const status = attempt(() => rootFs.stat(real));
    if (isCouldNotRead(status) || status?.type !== 'directory') return undefined;
    // A link that leads nowhere is no place for a directory.
    const blocked = attempt(() => rootFs.lstat(`${real === '/' ? '' : real}/${rest[0]}`));
    return blocked === undefined ? `${real === '/' ? '' : real}/${rest.join('/')}` : undefined;
  }
  return undefined;
}

/** Whether nothing but a mount can give the directory any file: it is empty, or not there. */
export function isVacant(tree: ComposedTree, path: string): boolean {
  const entries = attempt(() => new TreeRootFs(tree).readDir(path));
  return entries === undefined || (!isCouldNotRead(entries) && entries.length === 0);
}

/** Metadata of what a path leads to; undefined when it is not there or cannot be read. */
export function statusAt(tree: ComposedTree, path: string): FileStatus | undefined {
  const status = attempt(() => new TreeRootFs(tree).stat(path));
  return isCouldNotRead(status) ? undefined : status;
}

/** The node at a path without links; undefined when it is not there or the way to it is damaged. */
export function nodeAt(tree: ComposedTree, path: string): ComposedNode | undefined {
  try {
    return tree.at(path);
  } catch (error) {
    if (error instanceof ReadFailure) return undefined;
    throw error;
  }
}

/** Text of a file of the root; undefined when it is not there or cannot be read. */
export function textOf(tree: ComposedTree, path: string): string | undefined {
  const text = attempt(() => new TreeRootFs(tree).readText(path));
  return isCouldNotRead(text) ? undefined : text;
}
