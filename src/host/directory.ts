import { Buffer } from 'node:buffer';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs';
import process from 'node:process';
import { type FileTree, ReadFailure } from '../files/file-tree.ts';
import { decodeName, encodeName, isEscaped } from '../files/names.ts';
import type { FileStatus, FileType } from '../image/root-fs.ts';
import { systemErrorCode } from './system-error.ts';

/** A file below the scanned directory: its host path, each component checked on the way down. */
interface HostNode {
  /** Bytes where a name is not UTF-8; text, which the host is quicker with, everywhere else. */
  readonly path: string | Buffer;
  readonly status: FileStatus;
}

/**
 * A mounted or extracted root on the host. Links are never followed by the host: every step is an `lstat` and an open
 * with `O_NOFOLLOW`, so that a link out of the image cannot lead the scanner to the host's own files.
 */
export class DirectoryTree implements FileTree<HostNode> {
  readonly root: HostNode;
  readonly #scannerIsOwner: boolean;
  /** By directory, once it was listed: most lookups of a scan are for names that are not there. */
  readonly #names = new Map<string | Buffer, ReadonlySet<string>>();

  /** @param path Host path of the directory; throws the system's error when it cannot be looked at. */
  constructor(path: string) {
    // A trailing slash makes the target itself the one place where a link is followed: the user named it.
    const top = path.endsWith('/') ? path : `${path}/`;
    this.root = { path: top, status: statusOf(lstatSync(top)) };
    const uid = process.getuid?.() ?? 0;
    this.#scannerIsOwner = uid !== 0 && this.root.status.uid === uid;
  }

  /** An ordinary user who owns the root directory extracted it, so owners are the user's, not the image's. */
  get ownersRecorded(): boolean {
    return !this.#scannerIsOwner;
  }

  /**
   * Whether the host has mounted something on the directory at a path without links.
   *
   * Not seen is a bind mount of the same file system; a nested subvolume of btrfs counts as mounted.
   */
  isMountPoint(path: string): boolean {
    const device = (place: string) => lstatSync(below(this.root.path, place), { throwIfNoEntry: false })?.dev;
    const own = device(path);
    return own !== undefined && own !== device(path.slice(0, path.lastIndexOf('/')));
  }

  status(node: HostNode): FileStatus {
    return node.status;
  }

  lookup(directory: HostNode, name: string): HostNode | undefined {
    if (this.#names.get(directory.path)?.has(name) === false) return undefined;
    const path = below(directory.path, name);
    return guarded(() => {
      const stats = lstatSync(path, { throwIfNoEntry: false });
      return stats && { path, status: statusOf(stats) };
    });
  }

  list(directory: HostNode): { name: string; type: FileType }[] {
    const entries = guarded(() =>
      readdirSync(directory.path, { encoding: 'buffer', withFileTypes: true }).map((entry) => ({
        name: decodeName(entry.name),
        type: typeOf(entry),
      })),
    );
    this.#names.set(directory.path, new Set(entries.map(({ name }) => name)));
    return entries;
  }

  readLink(node: HostNode): string {
    return guarded(() => decodeName(readlinkSync(node.path, { encoding: 'buffer' })));
  }

  read(node: HostNode, offset: number, length: number): Uint8Array {
    return guarded(() => {
      const descriptor = openSync(node.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        if (!fstatSync(descriptor).isFile()) throw new ReadFailure('changed its type during the scan');
        const bytes = new Uint8Array(length);
        let filled = 0;
        while (filled < length) {
          const count = readSync(descriptor, bytes, filled, length - filled, offset + filled);
          if (count === 0) break;
          filled += count;
        }
        return bytes.subarray(0, filled);
      } finally {
        closeSync(descriptor);
      }
    });
  }
}

function below(directory: string | Buffer, name: string): string | Buffer {
  if (typeof directory === 'string' && !isEscaped(name)) return `${directory}/${name}`;
  return Buffer.concat([Buffer.from(directory), Buffer.from('/'), encodeName(name)]);
}

function statusOf(stats: Stats): FileStatus {
  return {
    type: typeOf(stats),
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    size: stats.size,
    mtime: Math.floor(stats.mtimeMs / 1000),
  };
}

/** The questions that both a status and a directory entry answer. */
type Typed = Pick<
  Stats,
  'isFile' | 'isDirectory' | 'isSymbolicLink' | 'isBlockDevice' | 'isCharacterDevice' | 'isFIFO'
>;

function typeOf(stats: Typed): FileType {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isBlockDevice()) return 'block-device';
  if (stats.isCharacterDevice()) return 'character-device';
  return stats.isFIFO() ? 'fifo' : 'socket';
}

function guarded<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw error instanceof ReadFailure ? error : failure(error);
  }
}

function failure(error: unknown): ReadFailure {
  const code = systemErrorCode(error);
  if (code === 'EACCES' || code === 'EPERM')
    return new ReadFailure('permission denied', 'scan as a user who may read it, or scan a copy that belongs to you');
  if (code === 'EIO') return new ReadFailure('the host reports an input/output error');
  return new ReadFailure(`the host cannot read it (${code})`);
}
