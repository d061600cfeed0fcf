import { type BlockDevice, checkRange } from './block-device.ts';
import { diskLimits } from './limits.ts';

/** Bytes; smaller ones need more reads, larger ones fetch more than is asked for. */
const PAGE = 4 * 1024;
/** Bytes; a longer read is the contents of a file, asked for once: to keep it would only copy it and drive metadata out. */
const LONGEST_CACHED = 64 * 1024;

/** Keeps what was read of a device in pages; those that were not asked for of late go first. */
export function pageCache(device: BlockDevice, capacity: number = diskLimits.cacheBytes): BlockDevice {
  // Two halves: what is used moves to the recent one, and when that is full, the other is dropped whole. To move every
  // page at every use to the end of one map, as an exact order of use would need, costs more than many of the reads.
  let recent = new Map<number, Uint8Array>();
  let older = new Map<number, Uint8Array>();
  const most = Math.max(1, Math.floor(capacity / PAGE / 2));

  const keep = (number: number, page: Uint8Array): void => {
    if (recent.size >= most) {
      older = recent;
      recent = new Map();
    }
    recent.set(number, page);
  };
  const held = (number: number): Uint8Array | undefined => {
    const page = recent.get(number);
    if (page) return page;
    const known = older.get(number);
    if (known) keep(number, known);
    return known;
  };
  /** Fetches the pages from `number` on that are not held, up to `last`, in one read. */
  const fetch = (number: number, last: number): Uint8Array => {
    let end = number + 1;
    while (end <= last && !recent.has(end) && !older.has(end)) end += 1;
    const offset = number * PAGE;
    const bytes = device.read(offset, Math.min(end * PAGE, device.size) - offset);
    for (let page = number; page < end; page++)
      // Copied, as a page must not keep its neighbours alive.
      keep(page, end - number === 1 ? bytes : bytes.slice((page - number) * PAGE, (page - number + 1) * PAGE));
    return bytes.subarray(0, PAGE);
  };
  const pageOf = (number: number, last: number): Uint8Array => held(number) ?? fetch(number, last);
  return {
    size: device.size,
    read(offset, length) {
      checkRange(device, offset, length, 'disk');
      if (length > LONGEST_CACHED) return device.read(offset, length);
      const first = Math.floor(offset / PAGE);
      const last = Math.floor((offset + Math.max(1, length) - 1) / PAGE);
      if (length === 0) return new Uint8Array();
      if (first === last) return pageOf(first, last).subarray(offset - first * PAGE, offset - first * PAGE + length);
      const bytes = new Uint8Array(length);
      for (let number = first; number <= last; number++) {
        const page = pageOf(number, last);
        const from = Math.max(offset, number * PAGE);
        const to = Math.min(offset + length, number * PAGE + page.length);
        bytes.set(page.subarray(from - number * PAGE, to - number * PAGE), from - offset);
      }
      return bytes;
    },
  };
}
