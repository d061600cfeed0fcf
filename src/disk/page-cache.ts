import { type BlockDevice, checkRange } from './block-device.ts';
import { diskLimits } from './limits.ts';

/** Bytes; smaller ones need more reads, larger ones fetch more than is asked for. */
const PAGE = 16 * 1024;
/** Bytes; a longer read is the contents of a large file, which would only drive the metadata out. */
const LONGEST_CACHED = 1024 * 1024;

/** Keeps what was read of a device in pages, the least recently used going first. */
export function pageCache(device: BlockDevice, capacity: number = diskLimits.cacheBytes): BlockDevice {
  const pages = new Map<number, Uint8Array>();
  const most = Math.max(1, Math.floor(capacity / PAGE));

  const keep = (number: number, page: Uint8Array): void => {
    pages.delete(number);
    pages.set(number, page);
    const [oldest] = pages.keys();
    if (pages.size > most && oldest !== undefined) pages.delete(oldest);
  };
  /** Fetches the pages from `number` on that are not held, up to `last`, in one read. */
  const fetch = (number: number, last: number): Uint8Array => {
    let end = number + 1;
    while (end <= last && !pages.has(end)) end += 1;
    const offset = number * PAGE;
    const bytes = device.read(offset, Math.min(end * PAGE, device.size) - offset);
    for (let page = number; page < end; page++)
      // Copied, as a page must not keep its neighbours alive.
      keep(page, end - number === 1 ? bytes : bytes.slice((page - number) * PAGE, (page - number + 1) * PAGE));
    return bytes.subarray(0, PAGE);
  };
  const pageOf = (number: number, last: number): Uint8Array => {
    const page = pages.get(number);
    if (!page) return fetch(number, last);
    keep(number, page);
    return page;
  };
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
