import type { GrubBoot } from './grub-cfg.ts';
import { showUnknown } from './grub-variables.ts';

/** Title and identifier of `menuentry` and `submenu`. */
export function readHeader(words: readonly string[]): { readonly title: string; readonly id?: string } {
  const { options, others } = readArguments(words, ['--class', '--users', '--hotkey', '--source', '--id']);
  const id = options.get('--id');
  return { title: showUnknown(others[0] ?? ''), ...(id !== undefined && { id: showUnknown(id) }) };
}

/** `set NAME=value` and `NAME=value`. */
export function assignmentOf(words: readonly string[]): { name: string; value: string } | undefined {
  const word = (words[0] === 'set' ? words[1] : words[0]) ?? '';
  const separator = word.indexOf('=');
  return separator <= 0 ? undefined : { name: word.slice(0, separator), value: word.slice(separator + 1) };
}

/** `load_env [--file FILE] [NAME …]`; no path means GRUB's own environment block. */
export function readLoadEnv(words: readonly string[]): {
  readonly path: string | undefined;
  readonly names: readonly string[];
} {
  const { options, others } = readArguments(words, ['--file', '-f']);
  return { path: options.get('--file') ?? options.get('-f'), names: others };
}

const SETTERS = new Set(['probe', 'regexp', 'search', 'smbios', 'tr']);

/** The variable in which commands like `search --set=root …` and `regexp --set=1:x …` store what only the machine knows. */
export function variableSetBy(command: string, words: readonly string[]): string | undefined {
  if (/^search\.\w+$/.test(command)) return words[1];
  if (!SETTERS.has(command)) return undefined;
  const { options, others } = readArguments(words, ['--set', '-s']);
  const name = options.get('--set') ?? options.get('-s');
  // Before GRUB 1.99 `search --set UUID` was written for `search --set=root UUID`, and is read so to this day.
  return name === undefined || (name !== '' && others.length > 0) ? name?.replace(/^\d+:/, '') : 'root';
}

/** `grub_create_loader_cmdline`: an argument with blanks gets quotes, quotes and backslashes get a backslash. */
export function toBoot([kernel = '', ...rest]: readonly string[], line: number): GrubBoot {
  const words = rest.map((word) => {
    const escaped = word.replace(/[\\'"]/g, '\\$&');
    return word.includes(' ') ? `"${escaped}"` : escaped;
  });
  return { kernel: showUnknown(kernel), arguments: showUnknown(words.join(' ')), initrds: [], line };
}

/**
 * Options and what is none (`grub_arg_parse`). The value of an option follows `=` or a blank; behind a blank it cannot
 * begin with a dash. An option without a value has the empty one.
 */
function readArguments(
  words: readonly string[],
  withValue: readonly string[],
): { readonly options: ReadonlyMap<string, string>; readonly others: readonly string[] } {
  const options = new Map<string, string>();
  const end = words.includes('--') ? words.indexOf('--') : words.length;
  const others: string[] = [];
  let awaiting: string | undefined;
  for (const word of words.slice(0, end)) {
    const isOption = word.startsWith('-') && word !== '-';
    if (isOption) {
      const [name = '', ...value] = word.split('=');
      options.set(name, value.join('='));
      awaiting = value.length === 0 && withValue.includes(name) ? name : undefined;
    } else if (awaiting !== undefined) {
      options.set(awaiting, word);
      awaiting = undefined;
    } else others.push(word);
  }
  return { options, others: [...others, ...words.slice(end + 1)] };
}
