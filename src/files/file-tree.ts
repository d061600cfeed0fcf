import type { FileStatus, FileType } from './file-status.ts';

/** A reading that a file tree cannot serve; the caller knows the path and adds it. */
export class ReadFailure extends Error {
  /** What the user can do about it. */
  readonly advice: string | undefined;

  constructor(reason: string, advice?: string) {
    super(reason);
    this.advice = advice;
  }
}

/**
 * What a kind of storage must offer to become a {@link RootFs}: single steps on nodes, without any notion of paths.
 * `TreeRootFs` builds path resolution, caps and accounting on top, once for all kinds.
 *
 * Methods throw {@link ReadFailure} for what exists but cannot be had.
 */
export interface FileTree<Node> {
  readonly root: Node;
  status(node: Node): FileStatus;
  /** One step down; undefined when the directory has no such name. */
  lookup(directory: Node, name: string): Node | undefined;
  /** All entries but `.` and `..`, in any order; the type where the directory itself tells it. */
  list(directory: Node): Iterable<{ readonly name: string; readonly type?: FileType }>;
  readLink(node: Node): string;
  /** Up to `length` bytes from `offset`; shorter only at the end of the file. */
  read(node: Node, offset: number, length: number): Uint8Array;
  readonly ownersRecorded: boolean;
}
