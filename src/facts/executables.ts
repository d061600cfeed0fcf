import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';

/** Programs by name, as a service of root would find them. */
export interface Executables {
  /** The first executable file of that name; a link to busybox counts. Throws `CouldNotRead` when it may be unseen. */
  find(...names: readonly string[]): Evidence | undefined;
  /** Whether this very path leads to an executable file. Throws as `find`. */
  at(path: string): Evidence | undefined;
}

const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Looked up on demand, since nobody needs the whole list. */
export const executables = defineFact<Executables>({
  id: 'executables',
  description: 'Programs in the directories of the system’s search path.',
  reads: folders.map((folder) => `${folder}/*`),
  compute: ({ rootFs }) => ({
    find(...names) {
      const unread: CouldNotRead[] = [];
      for (const name of names) {
        for (const folder of folders) {
          const found = attempt(() => executableAt(rootFs, `${folder}/${name}`));
          if (isCouldNotRead(found)) unread.push(found);
          else if (found) return found;
        }
      }
      const [first] = unread;
      if (first) throw first;
      return undefined;
    },
    at: (path) => executableAt(rootFs, path),
  }),
});

function executableAt(rootFs: RootFs, path: string): Evidence | undefined {
  const status = rootFs.stat(path);
  return status?.type === 'file' && (status.mode & 0o111) !== 0 ? { path } : undefined;
}
