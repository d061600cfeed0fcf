import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const top = join(import.meta.dirname, '..', '..');

/** The pages that people write; those of the rules are generated, and have tests of their own. */
export const pages: readonly string[] = [
  'README.md',
  ...readdirSync(join(top, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`),
];

export function readPage(name: string): string {
  return readFileSync(join(top, name), 'utf8');
}

export interface Block {
  readonly language: string;
  readonly text: string;
  /** Of its first line, counted from 1. */
  readonly line: number;
}

export function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^( *)```(\w+)\n([\s\S]*?)^ *```$/gm)].map(
    ({ index, 1: indent = '', 2: language = '', 3: text = '' }) => ({
      language,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      line: page.slice(0, index).split('\n').length + 1,
    }),
  );
}

/** Cells of the rows of the first table whose head begins with a word. */
export function tableOf(page: string, head: string): readonly (readonly string[])[] {
  const lines = page.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${head} |`));
  if (start < 0) throw new Error(`the page has no table with the head ${head}`);
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'));
  return lines.slice(start + 2, start + length).map((line) =>
    line
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.trim()),
  );
}

/** A command as shown, and the lines that are shown below it. */
export interface Command {
  readonly text: string;
  readonly output?: string;
}

/** The commands of a block: all lines of `sh`, those with `$` in front of `console`, where output follows. */
export function commandsOf({ language, text }: Block): readonly Command[] {
  if (language === 'sh') {
    return text
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .filter((line) => /^[^#]/.test(line))
      .map((line) => ({ text: line }));
  }
  if (language !== 'console') return [];
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = ''] = /^(?:.*\\\n)*.*/.exec(part) ?? [];
      return { text: command, output: part.slice(command.length + 1) };
    });
}
