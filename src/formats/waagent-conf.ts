import type { Problem } from './problem.ts';

/** One line that sets a key. */
export interface WaagentAssignment {
  readonly key: string;
  /** After the agent's own stripping; undefined for `None`, which deletes what earlier lines set. */
  readonly value: string | undefined;
  /** Counted from 1. */
  readonly line: number;
  /** The whole line, without its line feed. */
  readonly text: string;
}

export interface WaagentProblem extends Problem {
  /**
   * `comment`: meant as a comment, yet sets a key that nothing reads. `lost`: looks like a setting and sets nothing
   * that the agent reads. `altered`: the agent reads another value than the line seems to give.
   */
  readonly effect: 'comment' | 'lost' | 'altered';
  /** The key that the line sets or seems to set. */
  readonly key: string;
}

export interface WaagentConf {
  /** In file order; of several lines with one key the last counts. */
  readonly assignments: readonly WaagentAssignment[];
  readonly problems: readonly WaagentProblem[];
}

/** What `str.strip()` of Python 3 removes; unlike `trim()` also U+001C to U+001F and U+0085, but no U+FEFF. */
const pythonSpace = String.raw`[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`;
const outerSpace = new RegExp(`^${pythonSpace}+|${pythonSpace}+$`, 'g');

/** `int()` of Python 3, base 10, on text that is already stripped. */
const integer = /^[+-]?\p{Nd}+(?:_\p{Nd}+)*$/u;

/** Python refuses to convert more digits, since 3.11. */
const mostDigits = 4300;

/**
 * /etc/waagent.conf as `ConfigurationProvider.load` of azurelinuxagent/common/conf.py reads it: lines end with LF only,
 * `#` starts a comment only as the first character of a line and anywhere behind the first `=`, the last line of a key
 * wins, and there are neither sections nor includes. The caller decodes the whole file as UTF-8, keeps a byte order
 * mark, and treats empty text as an error.
 */
export function parseWaagentConf(text: string): WaagentConf {
  const assignments: WaagentAssignment[] = [];
  const problems: WaagentProblem[] = [];
  for (const [index, lineText] of text.split('\n').entries()) {
    const line = index + 1;
    if (lineText.startsWith('#')) continue;
    const equals = lineText.indexOf('=');
    if (equals < 0) {
      const key = /^\s*([A-Za-z]+(?:\.[A-Za-z]+)+)\s*(?::|\s)\s*\S/.exec(lineText)?.[1];
      if (key) problems.push({ line, key, effect: 'lost', message: `${key} has no =, so the agent skips the line` });
      continue;
    }
    const key = strip(lineText.slice(0, equals));
    const written = lineText.slice(equals + 1);
    const [beforeHash = ''] = written.split('#', 1);
    const stripped = strip(beforeHash.replace(/^[" ]+|[" ]+$/g, ''));
    const value = stripped === 'None' ? undefined : stripped;
    assignments.push({ key, value, line, text: lineText });
    const problem = keyProblem(key) ?? valueProblem(stripped, beforeHash, written);
    if (problem) problems.push({ line, ...problem, key: problem.key ?? key });
  }
  return { assignments, problems };
}

/** `get_switch` without its default: undefined unless the value is `y` or `n`, in either case. */
export function waagentSwitch(value: string): boolean | undefined {
  const lower = value.toLowerCase();
  if (lower === 'y') return true;
  return lower === 'n' ? false : undefined;
}

/**
 * `get_int` without its default: Python's `int()`, which takes `+10`, `1_0` and the decimal digits of every script, and
 * refuses `10s`, `0x10` and `10.0`. Exact up to 2 to the 53rd; Unicode digits as far as this JavaScript engine knows them.
 */
export function waagentInt(value: string): number | undefined {
  if (!integer.test(value)) return undefined;
  const digits = Array.from(value.replaceAll('_', ''), asciiDigit).join('');
  return digits.replace(/^[+-]/, '').length > mostDigits ? undefined : Number(digits);
}

function strip(text: string): string {
  return text.replace(outerSpace, '');
}

/** Unicode encodes the decimal digits of a script as a run from zero to nine, and runs that touch keep that step. */
function asciiDigit(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0;
  if (codePoint < 0x80) return character;
  let zero = codePoint;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((codePoint - zero) % 10);
}

type Finding = Omit<WaagentProblem, 'line' | 'key'> & { readonly key?: string };

function keyProblem(key: string): Finding | undefined {
  const bare = key.replace(/^\ufeff/, '');
  if (/^[#;]/.test(bare)) {
    return {
      effect: 'comment',
      message: `only a # in the first column starts a comment: this line sets ${quote(key)}`,
    };
  }
  if (bare !== key) {
    return { effect: 'lost', key: bare, message: `a byte order mark belongs to the key, so ${bare} is not set` };
  }
  const last = key.split(/\s+/).at(-1) ?? '';
  return last === key
    ? undefined
    : { effect: 'lost', key: last, message: `the key is ${quote(key)}, so ${last} is not set` };
}

function valueProblem(value: string, beforeHash: string, written: string): Finding | undefined {
  const quotation = value.startsWith("'") || value.endsWith("'") ? 'single quotes are' : '';
  const stray =
    value.startsWith('"') || value.endsWith('"') ? 'a double quote next to a tab or carriage return is' : '';
  if (quotation || stray) {
    return { effect: 'altered', message: `${quotation || stray} part of the value ${quote(value)}` };
  }
  const opened = /^\s*(["'])[^"']*$/.exec(beforeHash)?.[1];
  return opened && written.slice(beforeHash.length).includes(opened)
    ? { effect: 'altered', message: `quotes do not protect #: the value ends before it and is ${quote(value)}` }
    : undefined;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
