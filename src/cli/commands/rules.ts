import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { didYouMean } from '../../config/did-you-mean.ts';
import { UsageError } from '../../config/usage-error.ts';
import { areaIndex } from '../../docs/area-index.ts';
import { severityText } from '../../docs/metadata-text.ts';
import { docsOf, type Rule } from '../../engine/define.ts';
import { forJson } from '../../reports/escape.ts';
import { plural, widthOf, wrap } from '../../reports/layout.ts';
import { paletteOf } from '../../reports/palette.ts';
import { toolName } from '../../version.ts';
import { wantsColour } from '../colour.ts';
import { columnsOf } from '../destinations.ts';
import { exitCodes } from '../exit-code.ts';
import type { Flags } from '../flags.ts';
import { allRules, builtInRules, type CliIo } from '../io.ts';
import { pluginsByFlags } from '../plugin-settings.ts';
import { switchFlag, textFlag } from '../read-flags.ts';
import { ruleDocs } from '../rule-docs.ts';

const listFormats = ['text', 'json', 'markdown'] as const;

/** Lists the rules, or writes or compares the documentation of the built-in ones. */
export async function listRules(flags: Flags, io: CliIo): Promise<number> {
  const write = textFlag(flags, 'write');
  const check = textFlag(flags, 'check');
  if (write !== undefined && check !== undefined) throw new UsageError('--write and --check exclude each other');
  if (write !== undefined) return writePages(ruleDocs(await builtInRules(io)), resolve(io.cwd, write), io);
  if (check !== undefined) return comparePages(ruleDocs(await builtInRules(io)), resolve(io.cwd, check), check, io);
  const rules = await allRules(io, await pluginsByFlags(flags, io));
  io.stdout.write(listing(rules, textFlag(flags, 'format') ?? 'text', flags, io));
  return exitCodes.pass.code;
}

function listing(rules: readonly Rule[], format: string, flags: Flags, io: CliIo): string {
  switch (format) {
    case 'text':
      return textList(rules, flags, io);
    case 'json':
      return `${forJson(JSON.stringify(rules.map(metadataOf), undefined, 2))}\n`;
    case 'markdown':
      return areaIndex(rules);
    default: {
      const hint = didYouMean(format, listFormats);
      throw new UsageError(`--format: expected one of ${listFormats.join(', ')}, found "${format}"${hint}`);
    }
  }
}

function metadataOf(rule: Rule) {
  const { check: _check, facts, ...metadata } = rule;
  return {
    ...metadata,
    docs: docsOf(rule),
    facts: Object.values(facts).map(({ id, description, reads }) => ({ id, description, reads })),
  };
}

function textList(rules: readonly Rule[], flags: Flags, io: CliIo): string {
  const palette = paletteOf(wantsColour(switchFlag(flags, 'no-color') ?? false, io.env, io.stdout));
  const columns = columnsOf(io);
  const lines = rules.flatMap((rule) => {
    const severity = typeof rule.severity === 'string' ? rule.severity : rule.severity.base;
    const head = `${severity.padEnd(8)} ${rule.id}`;
    const title = wrap(rule.title, columns - 11).map((line) => ' '.repeat(9) + line);
    const raised = typeof rule.severity === 'string' ? '' : `  (${severityText(rule.severity)})`;
    const note = widthOf(head) + widthOf(raised) <= columns ? raised : '';
    return [`${palette[severity](severity.padEnd(8))} ${palette.bold(rule.id)}${palette.dim(note)}`, ...title];
  });
  return `${[...lines, '', `${plural(rules.length, 'rule')}; more about one: ${toolName} explain RULE`].join('\n')}\n`;
}

function writePages(pages: ReadonlyMap<string, string>, folder: string, io: CliIo): number {
  for (const [name, text] of pages) {
    const path = join(folder, name);
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    io.stderr.write(`${toolName}: wrote ${relative(io.cwd, path)}\n`);
  }
  for (const name of surplus(pages, folder)) {
    io.stderr.write(`${toolName}: ${relative(io.cwd, join(folder, name))} belongs to no rule; remove it\n`);
  }
  return exitCodes.pass.code;
}

function comparePages(pages: ReadonlyMap<string, string>, folder: string, shown: string, io: CliIo): number {
  const outdated = [...pages].flatMap(([name, text]) => {
    const path = join(folder, name);
    if (!existsSync(path)) return [`${name}: is missing`];
    return readFileSync(path, 'utf8') === text ? [] : [`${name}: is out of date`];
  });
  const complaints = [...outdated, ...surplus(pages, folder).map((name) => `${name}: belongs to no rule`)];
  for (const complaint of complaints) io.stderr.write(`${shown}/${complaint}\n`);
  if (complaints.length === 0) return exitCodes.pass.code;
  io.stderr.write(`${toolName}: run "${toolName} rules --write ${shown}"\n`);
  return exitCodes.fail.code;
}

/** Pages in the folder that no rule made. */
function surplus(pages: ReadonlyMap<string, string>, folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.md') && !pages.has(name))
    .sort();
}
