import { appendFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { didYouMean } from '../config/did-you-mean.ts';
import { UsageError } from '../config/usage-error.ts';
import type { Report } from '../engine/model.ts';
import { nodeHost } from '../host/host.ts';
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
  const anchor = textFlag(flags, 'sarif-anchor');
  for (const { format, file } of destinations) {
    const render = await reporters[format]();
    const options: ReportOptions = {
      colour: file === undefined && wantsColour(switchFlag(flags, 'no-color') ?? false, io.env, io.stdout),
      columns: file === undefined ? columnsOf(io) : pageWidth,
      quiet: switchFlag(flags, 'quiet') ?? false,
      verbose: switchFlag(flags, 'verbose') ?? false,
      leftOut,
      exitMeaning: exitCodes[report.verdict].meaning,
      sarifFull: switchFlag(flags, 'sarif-full') ?? false,
      sha256: nodeHost.sha256,
      ...(anchor !== undefined && { anchor }),
    };
    const text = `${render(report, options)}${await summarize(format, report, options, io)}`;
    if (file === undefined) io.stdout.write(text);
    else writeTextFile(file, io.cwd, text, 'report');
  }
}

/**
 * Runners show few annotations of a step, so the whole report goes to the summary of the job, where the runner says by
 * its environment that it takes one. Gives what is to be added to the report itself.
 */
async function summarize(format: Format, report: Report, options: ReportOptions, io: CliIo): Promise<string> {
  const page = async () => (await reporters.markdown())(report, options);
  const stepSummary = io.env['GITHUB_STEP_SUMMARY'];
  if (format === 'github' && stepSummary) appendFileSync(stepSummary, await page());
  const folder = io.env['AGENT_TEMPDIRECTORY'];
  if (format !== 'azure' || !folder) return '';
  const file = join(folder, `${report.tool.name}.md`);
  writeTextFile(file, io.cwd, await page(), 'summary');
  return `##vso[task.uploadsummary]${file}\n`;
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
