import { defineFact } from '../engine/define.ts';
import { attempt, CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { type Accounts, accounts } from './accounts.ts';

/** A file of commands or searches that somebody typed. Its content is never read. */
export interface HistoryFile {
  readonly path: string;
  /** Bytes; never 0. */
  readonly size: number;
}

export interface ShellHistories {
  /** `.*sh_history` and `.history`. */
  readonly shells: readonly HistoryFile[];
  /** Histories of editors, pagers, interpreters and database clients. */
  readonly tools: readonly HistoryFile[];
  readonly unread: readonly CouldNotRead[];
}

const shellHistory = /^(?:\..*sh_history|\.history)$/;
const toolHistory =
  /^\.(?:python_history|mysql_history|psql_history|sqlite_history|node_repl_history|rediscli_history|lesshst|viminfo)$/;

/** Homes are searched this deep; a database's home can hold any amount of data below it. */
const deepestDirectory = 6;
const mostDirectories = 5000;
/** Homes that are places of the system: only the files that lie directly in them count. */
const systemPlace = /^\/(?:$|(?:bin|boot|dev|etc|lib|lib64|proc|run|sbin|sys|tmp|usr|var)$|(?:usr|proc|sys|dev|run)\/)/;

/** Non-empty histories in the homes in which somebody may have worked. */
export const shellHistories = defineFact<ShellHistories>({
  id: 'shell-histories',
  description:
    'Non-empty histories of shells and tools in /root, in homes of accounts with a shell, and in orphaned homes.',
  reads: ['/root/**', '/home/**'],
  async compute({ rootFs, get }) {
    const unread: CouldNotRead[] = [];
    const found = new Map<string, number>();
    for (const home of homesOf(await get(accounts))) {
      for (const path of filesNamed(rootFs, home, unread)) {
        const status = attempt(() => rootFs.stat(path));
        if (isCouldNotRead(status)) unread.push(status);
        else if (status?.type === 'file' && status.size > 0) found.set(path, status.size);
      }
    }
    const files = [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([path, size]) => ({ path, size }));
    const isOfShell = ({ path }: HistoryFile) => shellHistory.test(path.slice(path.lastIndexOf('/') + 1));
    return { shells: files.filter(isOfShell), tools: files.filter((file) => !isOfShell(file)), unread };
  },
});

function homesOf({ accounts: list, orphanedHomes }: Accounts): ReadonlySet<string> {
  const withShell = list.filter(({ shell, home }) => shell.endsWith('sh') && home.startsWith('/'));
  const homes = ['/root', ...withShell.map(({ home }) => home), ...orphanedHomes.map(({ path }) => path)];
  return new Set(homes.map((home) => home.replace(/(?<=.)\/+$/, '')));
}

/** Reads directories only, so that a large home costs its directories and not its files. */
function* filesNamed(rootFs: RootFs, home: string, unread: CouldNotRead[]): Generator<string> {
  const deepest = systemPlace.test(home) ? 1 : deepestDirectory;
  const queue = [{ directory: home, depth: 1 }];
  for (const [index, { directory, depth }] of queue.entries()) {
    if (index >= mostDirectories) {
      unread.push(new CouldNotRead(home, `holds more than ${mostDirectories} directories`));
      return;
    }
    const entries = attempt(() =>
      rootFs.stat(directory)?.type === 'directory' ? rootFs.readDir(directory) : undefined,
    );
    if (isCouldNotRead(entries)) unread.push(entries);
    else {
      for (const { name, type } of entries ?? []) {
        const path = `${directory === '/' ? '' : directory}/${name}`;
        if (type === 'directory' && depth < deepest) queue.push({ directory: path, depth: depth + 1 });
        else if (type !== 'directory' && (shellHistory.test(name) || toolHistory.test(name))) yield path;
      }
    }
  }
}
