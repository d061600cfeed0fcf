import { attempt, type CouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';

/** Bytes of a candidate that are looked at. */
const headLength = 64 * 1024;

/** The start of a regular file; undefined for anything else. */
export function readHead(rootFs: RootFs, path: string): string | CouldNotRead | undefined {
  return attempt(() => {
    if (rootFs.stat(path)?.type !== 'file') return undefined;
    const bytes = rootFs.readBytes(path, 0, headLength);
    return bytes && new TextDecoder().decode(bytes);
  });
}
