import { directory, file, link, MemoryTree, special } from '../image/memory.ts';
import type { FileType } from '../image/root-fs.ts';

/** One file of a test image; a plain string is the text of a regular file of root with mode 0644. */
export type TreeEntry =
  | string
  | { readonly text: string; readonly mode?: string; readonly uid?: number; readonly gid?: number }
  | { readonly base64: string; readonly mode?: string; readonly uid?: number; readonly gid?: number }
  | { readonly link: string }
  | {
      readonly dir: true;
      readonly mode?: string;
      readonly uid?: number;
      readonly gid?: number;
      readonly unreadable?: never;
    }
  | { readonly absent: true }
  | { readonly unreadable: string; readonly dir?: true }
  | { readonly device: true }
  | { readonly fifo: true }
  | { readonly socket: true };

/** Absolute path → entry. */
export type Tree = Readonly<Record<string, TreeEntry>>;

const specialTypes: Readonly<Record<'device' | 'fifo' | 'socket', FileType>> = {
  device: 'character-device',
  fifo: 'fifo',
  socket: 'socket',
};

/**
 * Builds an image in memory. Entries are laid down in the order given, except that links come before files: a file
 * written below a link lands where the link leads.
 */
export function memoryTree(entries: Tree, options: { readonly ownersRecorded?: boolean } = {}): MemoryTree {
  const tree = new MemoryTree(options);
  const isDirectoryLink = (entry: TreeEntry) => typeof entry === 'object' && 'link' in entry;
  const ordered = Object.entries(entries).sort(
    ([, a], [, b]) => Number(isDirectoryLink(b)) - Number(isDirectoryLink(a)),
  );
  for (const [path, entry] of ordered) place(tree, path, entry);
  return tree;
}

function place(tree: MemoryTree, path: string, entry: TreeEntry): void {
  if (typeof entry === 'string') {
    tree.add(path, file(new TextEncoder().encode(entry), 0o644, 0, 0));
    return;
  }
  if ('absent' in entry) {
    tree.remove(path);
    return;
  }
  if ('link' in entry) {
    tree.add(path, link(entry.link));
    return;
  }
  if ('unreadable' in entry && entry.unreadable !== undefined) {
    tree.add(path, special(entry.dir ? 'directory' : 'file', entry.dir ? 0o700 : 0o600, entry.unreadable));
    return;
  }
  if ('text' in entry || 'base64' in entry) {
    const content = 'text' in entry ? new TextEncoder().encode(entry.text) : decodeBase64(entry.base64);
    tree.add(path, file(content, modeOf(entry.mode, 0o644), entry.uid ?? 0, entry.gid ?? 0));
    return;
  }
  if ('dir' in entry) {
    tree.add(path, directory(modeOf(entry.mode, 0o755), entry.uid ?? 0, entry.gid ?? 0));
    return;
  }
  const kind = 'device' in entry ? 'device' : 'fifo' in entry ? 'fifo' : 'socket';
  tree.add(path, special(specialTypes[kind], 0o666));
}

function modeOf(mode: string | undefined, otherwise: number): number {
  return mode === undefined ? otherwise : Number.parseInt(mode, 8);
}

function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
