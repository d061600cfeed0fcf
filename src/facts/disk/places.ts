import { DiskError } from '../../disk/disk-error.ts';
import { CouldNotRead } from '../../image/could-not-read.ts';

/** Place of the disk, and of the file that holds it, in evidence. */
export const DISK = '/dev/disk';

/** Place of a volume in evidence: `/dev/disk/p2`, `/dev/disk/rootvg/rootlv`. */
export function volumePlace(id: string): string {
  return id === 'disk' ? DISK : `${DISK}/${id}`;
}

/** @throws {CouldNotRead} in the place of a `DiskError` */
export function onDisk<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DiskError) throw new CouldNotRead(place, error.message, error.advice);
    throw error;
  }
}
