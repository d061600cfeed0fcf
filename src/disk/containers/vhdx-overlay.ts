import { type BlockDevice, checkRange } from '../block-device.ts';
import { LOG_SECTOR } from './vhdx-log-entry.ts';

/** What is to be written over a file; the higher `order` is the later. */
export interface Overlay {
  /** By the number of the sector in the file. */
  readonly sectors: Map<number, { readonly order: number; readonly bytes: Uint8Array }>;
  /** Bytes from the start of the file, the end not included. */
  readonly zeros: { readonly order: number; readonly start: number; readonly end: number }[];
}

/** The file with the overlay written over it. @param size Bytes; what lies beyond the file's own is zero. */
export function overlayDevice(file: BlockDevice, size: number, { sectors, zeros }: Overlay): BlockDevice {
  return {
    size,
    read(offset, length) {
      checkRange({ size }, offset, length, 'file');
      const end = offset + length;
      const writes: { readonly order: number; readonly start: number; readonly end: number; bytes?: Uint8Array }[] =
        zeros.filter((zero) => zero.start < end && zero.end > offset);
      for (let start = offset - (offset % LOG_SECTOR); start < end; start += LOG_SECTOR) {
        const sector = sectors.get(start / LOG_SECTOR);
        if (sector) writes.push({ ...sector, start, end: start + LOG_SECTOR });
      }
      const inside = Math.max(0, Math.min(end, file.size) - offset);
      if (writes.length === 0 && inside === length) return file.read(offset, length);
      const bytes = new Uint8Array(length);
      if (inside > 0) bytes.set(file.read(offset, inside));
      for (const write of writes.sort((a, b) => a.order - b.order)) {
        const from = Math.max(offset, write.start);
        const to = Math.min(end, write.end);
        if (write.bytes) bytes.set(write.bytes.subarray(from - write.start, to - write.start), from - offset);
        else bytes.fill(0, from - offset, to - offset);
      }
      return bytes;
    },
  };
}
