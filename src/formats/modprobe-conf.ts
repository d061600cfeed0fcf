import type { Problem } from './problem.ts';

/** One directive that modprobe obeys; names are compared with underscores. */
export interface ModprobeDirective {
  readonly keyword: 'alias' | 'blacklist' | 'install' | 'options' | 'remove' | 'softdep' | 'weakdep';
  /** The module, or the pattern of an alias. */
  readonly name: string;
  /** What follows the name as written: a command, options, modules; of an alias the module. */
  readonly rest: string;
  /** First line of the directive, counted from 1. */
  readonly line: number;
  readonly text: string;
}

const KEYWORDS: ReadonlySet<string> = new Set([
  'alias',
  'blacklist',
  'install',
  'options',
  'remove',
  'softdep',
  'weakdep',
]);

function isKeyword(word: string): word is ModprobeDirective['keyword'] {
  return KEYWORDS.has(word);
}

/**
 * A file of modprobe.d as `kmod_config_parse` of libkmod reads it: words are separated by blanks and tabs only, so that
 * a carriage return at the end of a line becomes part of the name; a comment begins in the first column; a backslash
 * joins lines, and goes away before any other character.
 */
export function parseModprobeConf(text: string): {
  directives: readonly ModprobeDirective[];
  problems: readonly Problem[];
} {
  const directives: ModprobeDirective[] = [];
  const problems: Problem[] = [];
  for (const { joined, line, text: raw } of logicalLines(text)) {
    if (joined.startsWith('#')) continue;
    const [keyword, afterKeyword] = nextWord(joined);
    if (keyword === '') continue;
    const [name, rest] = nextWord(afterKeyword);
    const normalised = withUnderscores(name);
    const module = keyword === 'alias' ? withUnderscores(nextWord(rest)[0]) : rest;
    const isComplete = keyword === 'blacklist' || (module !== undefined && module !== '');
    if (isKeyword(keyword) && normalised !== undefined && normalised !== '' && isComplete)
      directives.push({ keyword, name: normalised, rest: module ?? '', line, text: raw });
    else problems.push({ line, message: `modprobe ignores this line, which begins with "${keyword}"` });
  }
  return { directives, problems };
}

/** Programs that load no module, by base name. */
const HARMLESS: ReadonlySet<string> = new Set(['true', 'false', ':', 'null', 'exit', 'echo', 'logger']);

/** Whether the command of an `install` line does nothing, so that the module never loads: `/bin/true`, `exit 1`. */
export function loadsNothing(command: string): boolean {
  const commands = command.replace(/[ \t]#.*/, '').split(/[;&|]+/);
  const programs = commands.map((part) => part.trim().split(/\s/)[0]?.replace(/^.*\//, '') ?? '');
  return programs.every((program) => program === '' || HARMLESS.has(program)) && command.trim() !== '';
}

/** `freadline_wrapped` of kmod's shared/util.c. */
function* logicalLines(text: string): Generator<{ joined: string; line: number; text: string }> {
  let joined = '';
  let line = 1;
  let start = 1;
  let from = 0;
  for (let index = 0; index <= text.length; index++) {
    let character = text[index];
    if (character === '\\') {
      index += 1;
      character = text[index];
      if (character === '\n') line += 1;
      if (character === '\n' || character === undefined) {
        if (index < text.length) continue;
      } else {
        joined += character;
        continue;
      }
    }
    if (character !== '\n' && index < text.length) {
      joined += character;
      continue;
    }
    yield { joined, line: start, text: text.slice(from, index).replace(/\n$/, '') };
    joined = '';
    line += 1;
    start = line;
    from = index + 1;
  }
}

/** `strtok` over blanks and tabs: the word, and all that follows the one separator behind it. */
function nextWord(text: string): readonly [string, string] {
  const begin = /[^\t ]/.exec(text)?.index ?? text.length;
  const length = /[\t ]/.exec(text.slice(begin))?.index ?? text.length - begin;
  return [text.slice(begin, begin + length), text.slice(begin + length + 1)];
}

/** Hyphens outside `[…]` become underscores; unbalanced brackets make the line void (`underscores` of kmod). */
function withUnderscores(name: string): string | undefined {
  let result = '';
  for (let index = 0; index < name.length; index++) {
    const character = name[index] ?? '';
    if (character === ']') return undefined;
    const end = character === '[' ? name.indexOf(']', index) : index;
    if (end < 0) return undefined;
    result += character === '[' ? name.slice(index, end + 1) : character.replace('-', '_');
    index = end;
  }
  return result;
}
