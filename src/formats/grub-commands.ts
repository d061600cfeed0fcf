import type { GrubBoot } from './grub-cfg.ts';
import { showUnknown } from './grub-variables.ts';

const WITH_VALUE = new Set(['--class', '--users', '--hotkey', '--source', '--id']);

/** Title and identifier of `menuentry` and `submenu`. */
export function readHeader(words: readonly string[]): { title: string; id?: string } {
  let title: string | undefined;
  let id: string | undefined;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word.startsWith('--id=')) id = word.slice('--id='.length);
    else if (WITH_VALUE.has(word)) {
      index += 1;
      if (word === '--id') id = words[index];
    } else if (!word.startsWith('--')) title ??= word;
  }
  return { title: showUnknown(title ?? ''), ...(id !== undefined && { id: showUnknown(id) }) };
}

/** `set NAME=value` and `NAME=value`. */
export function assignmentOf(words: readonly string[]): { name: string; value: string } | undefined {
  const word = words[0] === 'set' ? words[1] : words[0];
  const separator = word?.indexOf('=') ?? -1;
  return word === undefined || separator <= 0
    ? undefined
    : { name: word.slice(0, separator), value: word.slice(separator + 1) };
}

/** `load_env [--file FILE] [NAME …]`. */
export function readLoadEnv(words: readonly string[]): { readonly path?: string; readonly names: readonly string[] } {
  let path: string | undefined;
  const names: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '-f' || word === '--file') {
      index += 1;
      path = words[index];
    } else if (word.startsWith('--file=')) path = word.slice('--file='.length);
    else if (!word.startsWith('-')) names.push(word);
  }
  return { names, ...(path !== undefined && { path }) };
}

/** Commands like `search --set=root` and `probe --set=x` store what only the machine knows. */
export function variablesSetBy(words: readonly string[]): string[] {
  return words.flatMap((word, index) => {
    const name = word === '--set' || word === '-s' ? words[index + 1] : /^--set=(?:\d+:)?(\w+)$/.exec(word)?.[1];
    return name !== undefined && /^\w+$/.test(name) ? [name] : [];
  });
}

/** `grub_create_loader_cmdline`: an argument with blanks gets quotes, quotes and backslashes get a backslash. */
export function toBoot([kernel = '', ...rest]: readonly string[], line: number): GrubBoot {
  const words = rest.map((word) => {
    const escaped = word.replace(/[\\'"]/g, '\\$&');
    return word.includes(' ') ? `"${escaped}"` : escaped;
  });
  return { kernel: showUnknown(kernel), arguments: showUnknown(words.join(' ')), initrds: [], line };
}
