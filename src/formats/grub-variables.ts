import type { GrubWord } from './grub-script.ts';

/**
 * Variables while a grub.cfg is followed without a machine: each has every value that it may have. A value that nobody
 * can know offline is a mark around the name, which output shows as `$name`.
 */
export class GrubVariables {
  readonly #outer: GrubVariables | undefined;
  readonly #own = new Map<string, readonly string[]>();

  /** Begins with what the outer ones hold, which stay as they are: a branch costs what it changes. */
  constructor(outer?: GrubVariables) {
    this.#outer = outer;
  }

  get(name: string): readonly string[] {
    return this.#own.get(name) ?? this.#outer?.get(name) ?? initialValues(name);
  }

  set(name: string, values: readonly string[]): void {
    this.#own.set(name, values);
  }

  /** Takes over what branches made of these variables, of which any may have been the one that ran. */
  merge(branches: readonly GrubVariables[]): void {
    for (const name of new Set(branches.flatMap((branch) => [...branch.#own.keys()]))) {
      const values = branches.flatMap((branch) => branch.get(name));
      this.set(name, [...new Set(values)].slice(0, MAX_COMBINATIONS));
    }
  }
}

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
export const MAX_COMBINATIONS = 16;

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

function initialValues(name: string): readonly string[] {
  // A feature variable tells a script what this GRUB can do; since 2.02 it can do all that scripts ask for.
  if (name.startsWith('feature_')) return ['y'];
  return UNKNOWN.has(name) ? [unknownValue(name)] : [''];
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
  /** Arguments that are complete: none while nothing has begun. */
  readonly done: readonly string[];
  /** Undefined until something, an empty quote too, begins the first argument. */
  readonly current: string | undefined;
}

function expandWord(word: GrubWord, variables: GrubVariables): string[][] {
  let drafts: Draft[] = [{ done: [], current: undefined }];
  for (const part of word) {
    const values = part.kind === 'text' ? [part.text] : variables.get(part.name);
    const splits = part.kind === 'variable' && !part.quoted;
    drafts = drafts
      .flatMap((draft) => values.map((value) => (splits ? appendSplit(draft, value) : append(draft, value))))
      .slice(0, MAX_COMBINATIONS);
  }
  return drafts.map(({ done, current }) => (current === undefined ? [] : [...done, current]));
}

function append({ done, current }: Draft, value: string) {
  return { done, current: ((current ?? '') + value).slice(0, MAX_LENGTH) };
}

/** Blanks divide, those at either end count for nothing (`grub_script_argv_split_append`). */
function appendSplit(draft: Draft, value: string): Draft {
  const words = value.split(/[ \t\n\v\f\r]+/).filter((word) => word !== '');
  const first = words.shift();
  if (first === undefined) return draft;
  const joined = append(draft, first);
  const last = words.pop();
  return last === undefined ? joined : { done: [...joined.done, joined.current, ...words], current: last };
}
