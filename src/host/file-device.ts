import { closeSync, constants, openSync, readSync } from 'node:fs';
import { type BlockDevice, checkRange } from '../disk/block-device.ts';
import { DiskError } from '../disk/disk-error.ts';
import { sizeOf } from './device-size.ts';
import { systemErrorCode } from './system-error.ts';

/** A file of the host, opened for reading only, with a count of what was fetched from it. */
export class FileDevice implements BlockDevice {
  /** Bytes. */
  readonly size: number;
  readonly #descriptor: number;
  #bytesRead = 0;
  #reads = 0;

  /**
   * Throws the system's error when the file cannot be opened.
   *
   * @param file A path, or a descriptor that belongs to the device from now on.
   */
  constructor(file: string | number) {
    this.#descriptor = typeof file === 'number' ? file : openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    this.size = sizeOf(this.#descriptor);
  }

  /** What was fetched from the host so far; bytes and system calls. */
  get usage(): { readonly bytesRead: number; readonly reads: number } {
    return { bytesRead: this.#bytesRead, reads: this.#reads };
  }

  read(offset: number, length: number): Uint8Array {
    checkRange(this, offset, length, 'file');
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const count = this.#fetch(bytes, filled, offset + filled);
      if (count === 0) throw new DiskError('io', 'file', 'ended early: it was cut while it was read', offset + filled);
      filled += count;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #fetch(bytes: Uint8Array, from: number, position: number): number {
    try {
      const count = readSync(this.#descriptor, bytes, from, bytes.length - from, position);
      this.#bytesRead += count;
      this.#reads += 1;
      return count;
    } catch (error) {
      throw new DiskError('io', 'file', `cannot be read (${systemErrorCode(error)})`, position);
    }
  }
}
