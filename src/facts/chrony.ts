import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { type ChronyDirective, parseChronyConf, parseMakestep } from '../formats/chrony-conf.ts';
import { hasWildcard } from '../formats/glob-pattern.ts';
import { attempt, CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { expandGlob } from './expand-glob.ts';
import { family } from './family.ts';
import { unitFiles } from './unit-files.ts';

/** A clock of the machine itself that chronyd reads. */
export interface ReferenceClock {
  /** Upper case: `PHC`, `PPS`, `SHM`, `SOCK`. */
  readonly driver: string;
  /** Device without driver options: `/dev/ptp_hyperv`. */
  readonly device: string;
  readonly evidence: Evidence;
}

export interface Chrony {
  /** The file that chronyd starts with; undefined when it is missing. */
  readonly path?: string;
  readonly referenceClocks: readonly ReferenceClock[];
  /** When the clock may be stepped; `limit` below 0 is always, the last directive counts. Undefined: never. */
  readonly makestep?: { readonly threshold: number; readonly limit: number; readonly evidence: Evidence };
  /** Lines for which chronyd refuses to start. */
  readonly refused: readonly { readonly message: string; readonly evidence: Evidence }[];
  readonly unread: readonly CouldNotRead[];
}

/** `MAX_INCLUDE_LEVEL` of conf.c; more is fatal for chronyd. */
const deepestInclude = 10;
const mostFiles = 1000;

/** Files in which distributions pass options to chronyd. */
const optionFiles = ['/etc/sysconfig/chronyd', '/etc/default/chrony', '/etc/conf.d/chronyd', '/etc/default/chronyd'];

/** chronyd's configuration, all included files in the order of reading. */
export const chrony = defineFact<Chrony>({
  id: 'chrony',
  description: 'chrony: reference clocks and when it may step the clock, from the configuration with all its parts.',
  reads: ['/etc/chrony.conf', '/etc/chrony/chrony.conf', '/etc/chrony{,/conf}.d/*.conf', ...optionFiles],
  async compute(context) {
    const { rootFs } = context;
    const units = await context.get(unitFiles);
    const debian = ['debian', 'ubuntu', 'flatcar', 'alpine'].includes((await context.get(family)) ?? 'other');
    const usual = ['/etc/chrony.conf', '/etc/chrony/chrony.conf'];
    const settings = [...units.settings('chronyd.service'), ...units.settings('chrony.service')];
    const unread: CouldNotRead[] = [];
    const named = namedConfiguration(rootFs, settings, unread);
    const candidates = named === undefined ? (debian ? usual.toReversed() : usual) : [named];
    const path = candidates.find((candidate) => attempt(() => rootFs.stat(candidate)) !== undefined);
    if (path === undefined) return { referenceClocks: [], refused: [], unread };
    const configuration = readChronyConfiguration(rootFs, path);
    return { ...configuration, unread: [...unread, ...configuration.unread] };
  },
});

type Line = ChronyDirective & { readonly path: string };

interface Reading {
  readonly lines: Line[];
  readonly refused: { readonly message: string; readonly evidence: Evidence }[];
  readonly unread: CouldNotRead[];
  files: number;
}

/** What chronyd makes of a file with everything that it includes. */
export function readChronyConfiguration(rootFs: RootFs, path: string): Chrony {
  return { path, ...effective(readAll(rootFs, path)) };
}

/** All directives but includes, in the order in which chronyd processes them. */
export function readChronyLines(rootFs: RootFs, path: string): readonly Line[] {
  return readAll(rootFs, path).lines;
}

function readAll(rootFs: RootFs, path: string): Reading {
  const reading: Reading = { lines: [], refused: [], unread: [], files: 0 };
  read(rootFs, path, 0, reading);
  return reading;
}

function read(rootFs: RootFs, path: string, depth: number, reading: Reading): void {
  if (depth > deepestInclude || ++reading.files > mostFiles) {
    if (reading.unread.length < deepestInclude)
      reading.unread.push(new CouldNotRead(path, 'the chrony configuration includes too many files'));
    return;
  }
  const text = attempt(() => rootFs.readText(path));
  if (isCouldNotRead(text)) reading.unread.push(text);
  if (text === undefined || isCouldNotRead(text)) return;
  const { directives, problems } = parseChronyConf(text);
  const written = text.split('\n');
  for (const { line, message } of problems)
    reading.refused.push({ message, evidence: { path, line, text: written[line - 1]?.trim() ?? '' } });
  for (const directive of directives) {
    const files = attempt(() => includedFiles(rootFs, directive));
    const missing = attempt(() => missingInclude(rootFs, directive));
    if (missing !== undefined && !isCouldNotRead(missing))
      reading.refused.push({ message: missing, evidence: { path, line: directive.line, text: directive.text } });
    if (files === undefined) reading.lines.push({ ...directive, path });
    else if (isCouldNotRead(files)) reading.unread.push(files);
    else for (const file of files) read(rootFs, file, depth + 1, reading);
  }
}

/** Undefined for a directive that includes nothing. `sourcedir` holds servers only. */
function includedFiles(rootFs: RootFs, { name, args }: ChronyDirective): readonly string[] | undefined {
  if (name === 'include') return args[0]?.startsWith('/') ? expandGlob(rootFs, args[0]) : [];
  return name === 'confdir' ? filesOfDirectories(rootFs, args) : undefined;
}

/** `parse_include` of conf.c: a file that is not there is fatal, and so is a folder that is not; no match is not. */
function missingInclude(rootFs: RootFs, { name, args: [pattern = ''] }: ChronyDirective): string | undefined {
  if (name !== 'include' || !pattern.startsWith('/')) return undefined;
  const folder = pattern.slice(0, pattern.lastIndexOf('/')) || '/';
  if (!hasWildcard(pattern)) return rootFs.stat(pattern) ? undefined : `${pattern} is missing`;
  return hasWildcard(folder) || rootFs.stat(folder) ? undefined : `the folder ${folder} is missing`;
}

/** `search_dirs` of conf.c: by file name over all directories, the first directory with a name wins. */
function filesOfDirectories(rootFs: RootFs, directories: readonly string[]): readonly string[] {
  const byName = new Map<string, string>();
  for (const directory of directories) {
    if (!directory.startsWith('/') || rootFs.stat(directory)?.type !== 'directory') continue;
    for (const { name } of rootFs.readDir(directory) ?? []) {
      if (!name.endsWith('.conf') || name.startsWith('.') || byName.has(name)) continue;
      byName.set(name, `${directory}/${name}`);
    }
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}

function effective({ lines, refused, unread }: Reading): Omit<Chrony, 'path'> {
  const located = ({ path, line, text }: Line): Evidence => ({ path, line, text });
  const referenceClocks = lines.flatMap((line): ReferenceClock[] => {
    const [driver, parameter] = line.args;
    if (line.name !== 'refclock' || driver === undefined || parameter === undefined) return [];
    return [{ driver: driver.toUpperCase(), device: parameter.replace(/:.*$/, ''), evidence: located(line) }];
  });
  const step = lines.findLast(({ name }) => name === 'makestep');
  const values = step && parseMakestep(step.args);
  return {
    referenceClocks,
    ...(step && values && { makestep: { ...values, evidence: located(step) } }),
    refused,
    unread,
  };
}

/** The file behind `-f`, on the command line or among the options that the unit takes from a file. */
function namedConfiguration(
  rootFs: RootFs,
  settings: readonly { readonly key: string; readonly value: string }[],
  unread: CouldNotRead[],
): string | undefined {
  const commands = settings.filter(({ key }) => key === 'ExecStart').map(({ value }) => value);
  const options = optionFiles.map((path) => {
    const text = attempt(() => rootFs.readText(path));
    if (isCouldNotRead(text)) unread.push(text);
    return isCouldNotRead(text) ? '' : (text ?? '').replace(/^[ \t]*#.*$/gm, '');
  });
  return [...commands, ...options].map((text) => /(?:^|[\s"'])-f\s*(\/[^\s"']+)/.exec(text)?.[1]).find(Boolean);
}
