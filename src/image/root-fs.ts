import type { FileStatus, FileType } from '../files/file-status.ts';

export type { FileStatus, FileType };

export interface DirectoryEntry {
  readonly name: string;
  readonly type: FileType;
}

export interface WalkEntry {
  /** Absolute path inside the image. */
  readonly path: string;
  readonly status: FileStatus;
}

export interface WalkOptions {
  /** Levels below the start; 1 lists the start directory only. Unlimited within the cap when left out. */
  readonly maxDepth?: number;
  /** Return false to stay out of a directory. */
  readonly enter?: (path: string) => boolean;
}

/**
 * Read-only view of the image's own root directory.
 *
 * Paths are absolute and mean what they would mean to a process inside the image: symbolic links, absolute ones and
 * `..` too, resolve as under chroot(2), so nothing outside the root is reachable. A path that does not exist, a dangling
 * link included, is `undefined`. Whatever exists but cannot be read throws {@link CouldNotRead}: permission denied, a
 * link loop, a directory where a file was expected (and the reverse), devices, FIFOs and sockets, a volume that is not
 * part of the target, or a cap of `limits.ts`.
 *
 * Names that are not UTF-8 use Python's surrogate escapes (byte 0x80 + n as U+DC80 + n).
 */
export interface RootFs {
  /** Metadata of the file that the path leads to. */
  stat(path: string): FileStatus | undefined;
  /** As `stat`, but a symbolic link in the last place is described itself. */
  lstat(path: string): FileStatus | undefined;
  /** Entries without `.` and `..`, sorted by code point. */
  readDir(path: string): readonly DirectoryEntry[] | undefined;
  /** The link's text as stored; undefined when absent or not a link. */
  readLink(path: string): string | undefined;
  /** The path with every link resolved. */
  realPath(path: string): string | undefined;
  /** Whole text of a regular file as UTF-8; a byte order mark stays, invalid bytes become U+FFFD. */
  readText(path: string): string | undefined;
  /** Bytes of a regular file, from `offset` (default 0), at most `length` (default: to the end). */
  readBytes(path: string, offset?: number, length?: number): Uint8Array | undefined;
  /** Everything below a directory, depth first, names sorted; links are not followed below the start. */
  walk(path: string, options?: WalkOptions): Iterable<WalkEntry>;
  /** False when an extraction gave every file to one ordinary user: owners then say nothing. */
  readonly ownersRecorded: boolean;
  /** What was read so far, for the report's `stats`. */
  readonly usage: { readonly filesRead: number; readonly bytesRead: number };
}
