import type { ByteSource } from '../../formats/byte-source.ts';
import type { RootFs } from '../../image/root-fs.ts';

/** The usual page of a database: its pages are wanted here and there. */
const CHUNK_LENGTH = 4 * 1024;

/** A file of the image as a source that fetches each piece once; undefined when it does not exist. */
export function fileSource(rootFs: RootFs, path: string): ByteSource | undefined {
  const status = rootFs.stat(path);
  if (status === undefined) return undefined;
  const chunks = new Map<number, Uint8Array>();
  const chunk = (index: number): Uint8Array => {
    const known = chunks.get(index);
    if (known) return known;
    const bytes = rootFs.readBytes(path, index * CHUNK_LENGTH, CHUNK_LENGTH) ?? new Uint8Array();
    chunks.set(index, bytes);
    return bytes;
  };
  const { size } = status;
  return {
    size,
    read(offset, length) {
      const end = Math.min(offset + length, size);
      const first = Math.floor(offset / CHUNK_LENGTH);
      const within = offset - first * CHUNK_LENGTH;
      if (end <= (first + 1) * CHUNK_LENGTH) return chunk(first).subarray(within, within + Math.max(0, end - offset));
      const whole = new Uint8Array(end - offset);
      for (let index = first; index * CHUNK_LENGTH < end; index += 1) {
        const start = Math.max(offset, index * CHUNK_LENGTH);
        const stop = Math.min(end, (index + 1) * CHUNK_LENGTH);
        whole.set(chunk(index).subarray(start - index * CHUNK_LENGTH, stop - index * CHUNK_LENGTH), start - offset);
      }
      return whole;
    },
  };
}
