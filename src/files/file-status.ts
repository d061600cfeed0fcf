/** Type of a file, named as in `find -type`'s documentation. */
export type FileType = 'file' | 'directory' | 'symlink' | 'block-device' | 'character-device' | 'fifo' | 'socket';

/** Metadata of one file. */
export interface FileStatus {
  readonly type: FileType;
  /** Permission bits with setuid, setgid and sticky (`0o7777`). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
  /** Seconds since 1970-01-01 UTC. */
  readonly mtime: number;
}
