import type { GrubWord } from './grub-script.ts';

/**
 * Variables while a grub.cfg is followed without a machine: each has every value that it may have. A value that nobody
 * can know offline is a mark around the name, which output shows as `$name`.
 */
export type GrubVariables = Map<string, readonly string[]>;

const MARK = '\u{F0000}';

/** Set by GRUB's own code from firmware and disks, or left over from an earlier boot. */
const UNKNOWN = new Set([
  '?',
  'cmdpath',
  'config_directory',
  'config_file',
  'grub_cpu',
  'grub_platform',
  'initrdfail',
  'net_default_ip',
  'net_default_mac',
  'net_default_server',
  'prefix',
  'root',
]);

/** Longer than any command line that a kernel takes; a script that doubles a variable ends here. */
const MAX_LENGTH = 8192;
const MAX_WORDS = 4096;

/** Combinations of values beyond these are dropped: files that GRUB's tools generate stay far below. */
const MAX_COMBINATIONS = 16;

export function unknownValue(name: string): string {
  return MARK + name + MARK;
}

export function isUnknown(value: string): boolean {
  return value.includes(MARK);
}

/** Unknown parts shown the way the file writes them. */
export function showUnknown(value: string): string {
  return value.replace(new RegExp(`${MARK}([^${MARK}]*)${MARK}`, 'gu'), '$$$1');
}

export function valuesOf(variables: GrubVariables, name: string): readonly string[] {
  const values = variables.get(name);
  if (values) return values;
  // A feature variable tells a script what this GRUB can do; since 2.02 it can do all that scripts ask for.
  if (name.startsWith('feature_')) return ['y'];
  return UNKNOWN.has(name) ? [unknownValue(name)] : [''];
}

/** Both environments after a condition that could not be decided. */
export function mergeVariables(alternatives: readonly GrubVariables[]): GrubVariables {
  const merged: GrubVariables = new Map();
  for (const name of new Set(alternatives.flatMap((variables) => [...variables.keys()]))) {
    const values = alternatives.flatMap((variables) => valuesOf(variables, name));
    merged.set(name, [...new Set(values)].slice(0, MAX_COMBINATIONS));
  }
  return merged;
}

/** Every argument list that the words may mean (`grub_script_arglist_to_argv`). */
export function expandWords(words: readonly GrubWord[], variables: GrubVariables): string[][] {
  let lists: string[][] = [[]];
  for (const word of words) {
    const expansions = expandWord(word, variables);
    lists = lists
      .flatMap((list) => expansions.map((expansion) => [...list, ...expansion].slice(0, MAX_WORDS)))
      .slice(0, MAX_COMBINATIONS);
  }
  return lists;
}

interface Draft {
  readonly done: readonly string[];
  /** Undefined until something, an empty quote too, begins the next argument. */
  readonly current: string | undefined;
}

function expandWord(word: GrubWord, variables: GrubVariables): string[][] {
  let drafts: Draft[] = [{ done: [], current: undefined }];
  for (const part of word) {
    const values = part.kind === 'text' ? [part.text] : valuesOf(variables, part.name);
    const splits = part.kind === 'variable' && !part.quoted;
    drafts = drafts
      .flatMap((draft) => values.map((value) => (splits ? appendSplit(draft, value) : append(draft, value))))
      .slice(0, MAX_COMBINATIONS);
  }
  return drafts.map(({ done, current }) => (current === undefined ? [...done] : [...done, current]));
}

function append({ done, current }: Draft, value: string): Draft {
  return { done, current: ((current ?? '') + value).slice(0, MAX_LENGTH) };
}

function appendSplit(draft: Draft, value: string): Draft {
  const [first = '', ...rest] = value.split(/[ \t\n]+/);
  const joined = first === '' ? draft : append(draft, first);
  const last = rest.at(-1);
  if (last === undefined) return joined;
  const done = [...joined.done, ...(joined.current === undefined ? [] : [joined.current]), ...rest.slice(0, -1)];
  return { done, current: last === '' ? undefined : last };
}
