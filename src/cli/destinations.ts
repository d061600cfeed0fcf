import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { didYouMean } from '../config/did-you-mean.ts';
import { UsageError } from '../config/usage-error.ts';
import type { Report } from '../engine/model.ts';
import { systemErrorCode } from '../host/system-error.ts';
import { type Format, formats, isFormat, type ReportOptions, reporters } from '../reports/index.ts';
import { wantsColour } from './colour.ts';
import { exitCodes } from './exit-code.ts';
import type { Flags } from './flags.ts';
import type { CliIo } from './io.ts';
import { listFlag, switchFlag, textFlag } from './read-flags.ts';

/** Where one report goes; no file means standard output. */
export interface Destination {
  readonly format: Format;
  readonly file?: string;
}

/** Width of text that goes to no terminal. */
const pageWidth = 100;
/** Longer lines are hard to read, however wide the terminal is. */
const widestLine = 120;

export function destinationsOf(flags: Flags): readonly Destination[] {
  const format = formatOf(textFlag(flags, 'format') ?? 'text', '--format');
  const file = textFlag(flags, 'output');
  const more = (listFlag(flags, 'report') ?? []).map((word): Destination => {
    const separator = word.indexOf('=');
    const name = word.slice(0, separator);
    const path = word.slice(separator + 1);
    if (separator < 1 || path === '') throw new UsageError(`--report: expected FORMAT=FILE, found "${word}"`);
    return { format: formatOf(name, '--report'), file: path };
  });
  const all = [{ format, ...(file !== undefined && { file }) }, ...more];
  const files = all.flatMap((destination) => destination.file ?? []);
  const twice = files.find((path, index) => files.indexOf(path) !== index);
  if (twice !== undefined) throw new UsageError(`two reports would go to the same file ${twice}`);
  return all;
}

function formatOf(name: string, source: string): Format {
  if (isFormat(name)) return name;
  throw new UsageError(`${source}: expected one of ${formats.join(', ')}, found "${name}"${didYouMean(name, formats)}`);
}

/** Renders and writes every report. A file that cannot be written is a usage error: the verdict did not arrive. */
export async function writeReports(
  report: Report,
  destinations: readonly Destination[],
  flags: Flags,
  leftOut: readonly string[],
  io: CliIo,
): Promise<void> {
  for (const { format, file } of destinations) {
    const render = await reporters[format]();
    const options: ReportOptions = {
      colour: file === undefined && wantsColour(switchFlag(flags, 'no-color') ?? false, io.env, io.stdout),
      columns: file === undefined ? columnsOf(io) : pageWidth,
      quiet: switchFlag(flags, 'quiet') ?? false,
      verbose: switchFlag(flags, 'verbose') ?? false,
      leftOut,
      exitMeaning: exitCodes[report.verdict].meaning,
    };
    const text = render(report, options);
    if (file === undefined) io.stdout.write(text);
    else writeTextFile(file, io.cwd, text, 'report');
  }
}

export function columnsOf(io: CliIo): number {
  const columns = io.stdout.columns;
  return columns === undefined || columns === 0 ? pageWidth : Math.min(columns, widestLine);
}

/** @throws {UsageError} when it cannot be written. */
export function writeTextFile(name: string, cwd: string, text: string, what: string): void {
  try {
    writeFileSync(resolve(cwd, name), text);
  } catch (error) {
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'its directory does not exist',
      EACCES: 'permission denied',
      EISDIR: 'it is a directory',
    };
    const code = systemErrorCode(error);
    throw new UsageError(`cannot write the ${what} ${name}: ${reasons[code] ?? code}`);
  }
}
