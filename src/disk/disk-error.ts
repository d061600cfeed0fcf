import { ReadFailure } from '../files/file-tree.ts';

/**
 * - `corrupt`: the structure contradicts its format
 * - `unsupported`: the format is known and this program does not read it, or not this feature of it
 * - `encrypted`: only a key would open it
 * - `limit`: a cap of `limits.ts` was reached
 * - `io`: the host could not read the file
 */
export type DiskErrorKind = 'corrupt' | 'unsupported' | 'encrypted' | 'limit' | 'io';

/** Something on the disk that cannot be read; what depends on it is unknown, never absent. */
export class DiskError extends ReadFailure {
  readonly kind: DiskErrorKind;
  /** Name of the structure: `GPT header`, `XFS inode 131`. */
  readonly structure: string;
  /** Bytes from the start of the device that holds the structure, where known. */
  readonly offset: number | undefined;

  /** @param reason Completes the sentence "<structure> …"; says what was expected where that is known. */
  constructor(kind: DiskErrorKind, structure: string, reason: string, offset?: number, advice?: string) {
    super(`${structure}${offset === undefined ? '' : ` at byte ${offset}`} ${reason}`, advice);
    this.name = 'DiskError';
    this.kind = kind;
    this.structure = structure;
    this.offset = offset;
  }
}

/** Runs `read` and hands a `DiskError` back as a value, so that one damaged structure does not hide the others. */
export function attemptDisk<T>(read: () => T): T | DiskError {
  try {
    return read();
  } catch (error) {
    if (error instanceof DiskError) return error;
    throw error;
  }
}
