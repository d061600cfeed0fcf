import type { RootFs } from '../../image/root-fs.ts';

/** False for an empty file, a directory without entries, a dangling link, and where there is nothing. */
export function holdsAnything(rootFs: RootFs, path: string): boolean {
  const status = rootFs.stat(path);
  const extent = status?.type === 'directory' ? rootFs.readDir(path)?.length : status?.size;
  return (extent ?? 0) > 0;
}
