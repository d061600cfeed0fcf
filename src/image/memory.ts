import { type FileTree, ReadFailure } from '../files/file-tree.ts';
import type { FileStatus, FileType } from './root-fs.ts';

/** A file of an image that is held in memory. */
export interface MemoryNode {
  readonly status: FileStatus;
  /** Content of a regular file. */
  readonly content?: Uint8Array;
  /** Text of a symbolic link. */
  readonly target?: string;
  readonly children?: Map<string, MemoryNode>;
  /** Any look at it fails with this reason. */
  readonly unreadable?: string;
}

/** An image held in memory: for tests, and for roots that a program has at hand already. */
export class MemoryTree implements FileTree<MemoryNode> {
  readonly root: MemoryNode = directory(0o755, 0, 0);
  readonly ownersRecorded: boolean;

  constructor(options: { readonly ownersRecorded?: boolean } = {}) {
    this.ownersRecorded = options.ownersRecorded ?? true;
  }

  /**
   * Puts a node at an absolute path without links; missing parents become directories of root. A directory that is
   * there already keeps its files.
   */
  add(path: string, node: MemoryNode): void {
    const { parent, name } = this.#parentOf(path, true);
    const kept = node.children && parent?.children?.get(name)?.children;
    parent?.children?.set(name, kept ? { ...node, children: kept } : node);
  }

  remove(path: string): void {
    const { parent, name } = this.#parentOf(path, false);
    parent?.children?.delete(name);
  }

  status(node: MemoryNode): FileStatus {
    return node.status;
  }

  lookup(node: MemoryNode, name: string): MemoryNode | undefined {
    if (node.unreadable !== undefined) throw new ReadFailure(node.unreadable);
    return node.children?.get(name);
  }

  list(node: MemoryNode): Iterable<{ name: string; type: FileType }> {
    if (node.unreadable !== undefined) throw new ReadFailure(node.unreadable);
    return [...(node.children ?? [])].map(([name, child]) => ({ name, type: child.status.type }));
  }

  readLink(node: MemoryNode): string {
    return node.target ?? '';
  }

  read(node: MemoryNode, offset: number, length: number): Uint8Array {
    if (node.unreadable !== undefined) throw new ReadFailure(node.unreadable);
    return (node.content ?? new Uint8Array()).subarray(offset, offset + length);
  }

  /** The directory that holds `path`, reached through the tree's own links so that `/bin/sh` lands in /usr/bin. */
  #parentOf(path: string, create: boolean): { parent: MemoryNode | undefined; name: string } {
    const names = path.split('/').filter((part) => part !== '');
    const name = names.pop() ?? '';
    const trail: MemoryNode[] = [this.root];
    const pending = names.reverse();
    for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
      if (part === '..') {
        if (trail.length > 1) trail.pop();
        continue;
      }
      const here = trail.at(-1) ?? this.root;
      let next = here.children?.get(part);
      if (!next && create) {
        next = directory(0o755, 0, 0);
        here.children?.set(part, next);
      }
      if (!next) return { parent: undefined, name };
      if (next.target === undefined) {
        trail.push(next);
        continue;
      }
      if (next.target.startsWith('/')) trail.length = 1;
      pending.push(
        ...next.target
          .split('/')
          .filter((piece) => piece !== '')
          .reverse(),
      );
    }
    return { parent: trail.at(-1), name };
  }
}

export function directory(mode: number, uid: number, gid: number): MemoryNode {
  return { status: status('directory', mode, uid, gid, 0), children: new Map() };
}

export function file(content: Uint8Array, mode: number, uid: number, gid: number): MemoryNode {
  return { status: status('file', mode, uid, gid, content.length), content };
}

export function link(target: string): MemoryNode {
  return { status: status('symlink', 0o777, 0, 0, new TextEncoder().encode(target).length), target };
}

/** A device, FIFO or socket, or a regular file or directory that refuses to be read. */
export function special(type: FileType, mode: number, unreadable?: string): MemoryNode {
  const base: MemoryNode = {
    status: status(type, mode, 0, 0, 0),
    ...(type === 'directory' && { children: new Map() }),
  };
  return unreadable === undefined ? base : { ...base, unreadable };
}

function status(type: FileType, mode: number, uid: number, gid: number, size: number): FileStatus {
  return { type, mode, uid, gid, size, mtime: 0 };
}
