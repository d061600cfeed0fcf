import { createHash } from 'node:crypto';
import { didYouMean } from '../../config/did-you-mean.ts';
import { UsageError } from '../../config/usage-error.ts';
import { attempt, isCouldNotRead } from '../../image/could-not-read.ts';
import type { FileStatus, FileType, RootFs } from '../../image/root-fs.ts';
import { forJson, forTerminal } from '../../reports/escape.ts';
import { toolName } from '../../version.ts';
import { exitCodes } from '../exit-code.ts';
import type { Flags } from '../flags.ts';
import type { CliIo } from '../io.ts';
import { absolute, openFiles, piecesOf } from '../open-files.ts';
import { switchFlag, textFlag } from '../read-flags.ts';

const listFormats = ['text', 'json'] as const;

interface ListedFile {
  readonly path: string;
  /** As it was asked for: the name alone, or the path in a list of everything below. */
  readonly shown: string;
  readonly status: FileStatus;
  readonly target?: string;
  readonly sha256?: string;
}

/** Lists files of an image. What cannot be read is said on standard error and in the exit code, not left out silently. */
export async function ls(target: string, flags: Flags, io: CliIo): Promise<number> {
  const format = textFlag(flags, 'format') ?? 'text';
  if (!listFormats.some((known) => known === format)) {
    const hint = didYouMean(format, listFormats);
    throw new UsageError(`--format: expected one of ${listFormats.join(', ')}, found "${format}"${hint}`);
  }
  const line = format === 'json' ? jsonLine : textLine;
  const path = absolute(textFlag(flags, 'path') ?? '/');
  const { rootFs, close } = await openFiles(target, flags, io);
  let isComplete = true;
  try {
    const options = {
      isRecursive: switchFlag(flags, 'recursive') ?? false,
      hasHash: switchFlag(flags, 'hash') ?? false,
    };
    for (const file of filesAt(rootFs, path, options)) {
      if ('problem' in file) {
        isComplete = false;
        io.stderr.write(`${toolName}: ${forTerminal(`${target}: ${file.problem}`)}\n`);
        continue;
      }
      io.stdout.write(`${line(file)}\n`);
      if ((await io.stdout.drained?.()) === false) break;
    }
  } finally {
    close();
  }
  return isComplete ? exitCodes.pass.code : exitCodes.undecided.code;
}

interface ListOptions {
  readonly isRecursive: boolean;
  readonly hasHash: boolean;
}

type Listed = ListedFile | { readonly path: string; readonly problem: string };

/** The file at a path, or what is in the directory there; what cannot be read is an item of its own. */
export function* filesAt(rootFs: RootFs, path: string, options: ListOptions): Generator<Listed> {
  const status = attempt(() => rootFs.stat(path) ?? rootFs.lstat(path));
  if (isCouldNotRead(status)) yield { path, problem: status.message };
  else if (!status) yield { path, problem: `has no file ${path}` };
  else if (status.type === 'directory') yield* filesBelow(rootFs, path.replace(/\/+$/, ''), '', options);
  else yield listed(rootFs, path, path, options);
}

/** Depth first: a directory, then what is in it. */
function* filesBelow(rootFs: RootFs, directory: string, prefix: string, options: ListOptions): Generator<Listed> {
  const entries = attempt(() => rootFs.readDir(directory || '/'));
  if (isCouldNotRead(entries)) {
    yield { path: directory || '/', problem: entries.message };
    return;
  }
  for (const { name, type } of entries ?? []) {
    const path = `${directory}/${name}`;
    yield listed(rootFs, path, `${prefix}${name}`, options);
    if (options.isRecursive && type === 'directory') yield* filesBelow(rootFs, path, `${prefix}${name}/`, options);
  }
}

function listed(rootFs: RootFs, path: string, shown: string, { hasHash }: ListOptions): Listed {
  const file = attempt((): Listed => {
    const status = rootFs.lstat(path);
    if (!status) return { path, problem: `${path}: is in the directory, but cannot be found` };
    const target = status.type === 'symlink' ? rootFs.readLink(path) : undefined;
    const sha256 = hasHash && status.type === 'file' ? hashOf(rootFs, path) : undefined;
    return { path, shown, status, ...(target !== undefined && { target }), ...(sha256 !== undefined && { sha256 }) };
  });
  return isCouldNotRead(file) ? { path, problem: file.message } : file;
}

function hashOf(rootFs: RootFs, path: string): string {
  const hash = createHash('sha256');
  for (const piece of piecesOf(rootFs, path)) hash.update(piece);
  return hash.digest('hex');
}

/** As `find -type` has them. */
const letters: Readonly<Record<FileType, string>> = {
  file: 'f',
  directory: 'd',
  symlink: 'l',
  'character-device': 'c',
  'block-device': 'b',
  fifo: 'p',
  socket: 's',
};

function jsonLine({ path, status, target, sha256 }: ListedFile): string {
  const { type, mode, uid, gid, mtime, size } = status;
  const file = {
    path,
    type: letters[type],
    mode: mode.toString(8).padStart(4, '0'),
    uid,
    gid,
    mtime,
    ...(type === 'file' && { size }),
    ...(target !== undefined && { target }),
    ...(sha256 !== undefined && { sha256 }),
  };
  return forJson(JSON.stringify(file));
}

/** As `ls -ln --time-style=long-iso`, in UTC. */
function textLine({ shown, status, target, sha256 }: ListedFile): string {
  const { type, mode, uid, gid, size, mtime } = status;
  const letter = type === 'file' ? '-' : letters[type];
  const fields = [
    `${letter}${permissions(mode)}`,
    String(uid).padStart(5),
    String(gid).padStart(5),
    String(size).padStart(10),
    timeText(mtime),
    ...(sha256 === undefined ? [] : [sha256]),
    forTerminal(shown),
    ...(target === undefined ? [] : ['->', forTerminal(target)]),
  ];
  return fields.join(' ');
}

function timeText(seconds: number): string {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? `@${seconds}` : time.toISOString().slice(0, 16).replace('T', ' ');
}

function permissions(mode: number): string {
  const bits = [0o400, 0o200, 0o100, 0o040, 0o020, 0o010, 0o004, 0o002, 0o001];
  const marks = bits.map((bit, index) => (mode & bit ? ('rwx'[index % 3] ?? '') : '-'));
  const special: readonly (readonly [bit: number, at: number, set: string, alone: string])[] = [
    [0o4000, 2, 's', 'S'],
    [0o2000, 5, 's', 'S'],
    [0o1000, 8, 't', 'T'],
  ];
  for (const [bit, at, set, alone] of special) if (mode & bit) marks[at] = marks[at] === 'x' ? set : alone;
  return marks.join('');
}
