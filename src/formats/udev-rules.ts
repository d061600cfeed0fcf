import { globMatcher } from './glob-pattern.ts';
import type { Problem } from './problem.ts';

export type UdevOperator = '==' | '!=' | '=' | '+=' | '-=' | ':=';

/** One comma-separated part of a rule: `ATTR{timeout}="300"`. */
export interface UdevToken {
  /** In upper case as udev wants it: `ACTION`, `ATTR`, `RUN`. */
  readonly key: string;
  /** Text between braces behind the key. */
  readonly attribute?: string;
  readonly operator: UdevOperator;
  /** Without its quotes. In a match, `|` separates alternatives and each is a shell pattern. */
  readonly value: string;
  /** Asks (`==`, `!=`, and PROGRAM, IMPORT and TEST with any operator) rather than sets. */
  readonly isMatch: boolean;
  /** An `i` before the quotes: upper and lower case are the same. */
  readonly ignoresCase: boolean;
}

/** One line; udev does what its assignments say when all its matches hold. */
export interface UdevRule {
  readonly tokens: readonly UdevToken[];
  /** Where the rule begins, counted from 1. */
  readonly line: number;
  /** The rule with continuation lines joined, as udev joins them. */
  readonly text: string;
}

export interface UdevRules {
  /** Those that udev keeps. */
  readonly rules: readonly UdevRule[];
  /** Lines that it drops, each with the reason. */
  readonly problems: readonly Problem[];
}

const match = ['==', '!='] as const;
const assign = ['=', ':=', '+='] as const;
const any = [...match, ...assign] as const;

interface KeyShape {
  readonly attribute: 'none' | 'needed' | 'optional';
  readonly operators: readonly UdevOperator[];
  /** What the braces may hold; left out: anything. */
  readonly names?: RegExp;
}

const shapes = new Map<string, KeyShape>([
  ...['ACTION', 'DEVPATH', 'KERNEL', 'SUBSYSTEM', 'DRIVER', 'KERNELS', 'SUBSYSTEMS', 'DRIVERS', 'TAGS', 'RESULT'].map(
    (key): [string, KeyShape] => [key, { attribute: 'none', operators: match }],
  ),
  ['ATTRS', { attribute: 'needed', operators: match }],
  ['CONST', { attribute: 'needed', operators: match, names: /^(?:arch|virt|cvm)$/ }],
  ['TEST', { attribute: 'optional', operators: match, names: /^[0-7]*$/ }],
  ['SYMLINK', { attribute: 'none', operators: [...any, '-='] }],
  ['TAG', { attribute: 'none', operators: [...any, '-='] }],
  ['NAME', { attribute: 'none', operators: any }],
  ['ENV', { attribute: 'needed', operators: any }],
  ['ATTR', { attribute: 'needed', operators: any }],
  ['SYSCTL', { attribute: 'needed', operators: any }],
  ['PROGRAM', { attribute: 'none', operators: any }],
  ['IMPORT', { attribute: 'needed', operators: any, names: /^(?:file|program|builtin|db|cmdline|parent)$/ }],
  ...['OPTIONS', 'OWNER', 'GROUP', 'MODE'].map((key): [string, KeyShape] => [
    key,
    { attribute: 'none', operators: assign },
  ]),
  ['SECLABEL', { attribute: 'needed', operators: assign }],
  ['RUN', { attribute: 'optional', operators: assign, names: /^(?:program|builtin)$/ }],
  ['GOTO', { attribute: 'none', operators: ['='] }],
  ['LABEL', { attribute: 'none', operators: ['='] }],
]);

/** Keys that are matches whatever their operator; PROGRAM and IMPORT have an effect besides. */
const alwaysMatches = new Set(['PROGRAM', 'IMPORT', 'TEST']);

/**
 * A `*.rules` file as `udev_rules_parse_file` of systemd's src/udev/udev-rules.c reads it: `#` starts a comment only at
 * the beginning of a line (also between continuation lines), a backslash at the end joins the next line without its
 * leading blanks, and one wrong key, operator or quote loses the whole rule. Values of known options and names of
 * builtin commands are not looked at, since they differ between releases.
 */
export function parseUdevRules(text: string): UdevRules {
  const rules: UdevRule[] = [];
  const problems: Problem[] = [];
  let pending: { content: string; line: number } | undefined;
  const lines = text.split(/\r\n|\n\r|\n|\r|\0/);
  let index = -1;
  for (const raw of lines) {
    index += 1;
    const content = raw.replace(/^[ \t]+/, '');
    if (content.startsWith('#')) continue;
    if (index === lines.length - 1 && raw === '') break;
    pending = { content: (pending?.content ?? '') + content, line: pending?.line ?? index + 1 };
    if (pending.content.endsWith('\\')) {
      pending.content = pending.content.slice(0, -1);
      continue;
    }
    const { content: rule, line } = pending;
    pending = undefined;
    if (rule === '') continue;
    const tokens = parseRule(rule);
    if (typeof tokens === 'string') problems.push({ line, message: tokens });
    else rules.push({ tokens, line, text: rule });
  }
  if (pending) problems.push({ line: pending.line, message: 'the file ends within the rule' });
  return { rules, problems };
}

/** Whether a match token holds for a property that has this value (`token_match_string`). */
export function udevMatches({ operator, value, ignoresCase }: UdevToken, text: string): boolean {
  const fold = (name: string) => (ignoresCase ? name.toLowerCase() : name);
  // The leading letter keeps glob(3)'s rule about leading dots out, which fnmatch(3) does not have.
  const holds = value.split('|').some((pattern) => globMatcher(`x${fold(pattern)}`)(`x${fold(text)}`));
  return operator === '!=' ? !holds : holds;
}

/** Tokens, or why udev drops the rule. */
function parseRule(rule: string): readonly UdevToken[] | string {
  const tokens: UdevToken[] = [];
  let rest = rule;
  while (rest !== '') {
    rest = rest.replace(/^[ \t,]+/, '');
    if (rest === '') break;
    const parsed = parseToken(rest);
    if (typeof parsed === 'string') return parsed;
    tokens.push(parsed.token);
    rest = rest.slice(parsed.length);
  }
  const acts = tokens.some(({ key, isMatch }) => !isMatch || key === 'PROGRAM' || key === 'IMPORT');
  return acts ? tokens : 'the rule has no effect';
}

/** Key, braces, operator, and the quoted value with its prefix. */
const tokenHead = /^((?:(?![-+!:]=)[^ \t\n\r={])*)(?:\{([^}]*)\})?[ \t]*(==|!=|\+=|-=|=|:=)[ \t]*(e?i?|ie)"/;

/** A value up to its closing quote: with an `e` in front every backslash takes the next character with it. */
const escapedValue = /[^"\\]*(?:\\.[^"\\]*)*"/sy;
const plainValue = /[^"\\]*(?:\\(?:"|(?!"))[^"\\]*)*"/sy;

function parseToken(text: string): { readonly token: UdevToken; readonly length: number } | string {
  const head = tokenHead.exec(text);
  if (!head) return `no KEY="value" at ${JSON.stringify(text.slice(0, 40))}`;
  const [whole, key = '', attribute, , prefix = ''] = head;
  // One of the six by the expression above.
  const operator = head[3] as UdevOperator;
  const isEscaped = prefix.includes('e');
  const end = isEscaped ? escapedValue : plainValue;
  end.lastIndex = whole.length;
  const body = end.exec(text)?.[0];
  if (body === undefined) return `the value of ${key} has no closing quote`;
  const written = body.slice(0, -1);
  const value = isEscaped ? unescapeC(written) : written.replaceAll('\\"', '"');
  if (value === undefined) return `the value of ${key} has an escape that udev refuses`;
  const isMatch = alwaysMatches.has(key) || operator === '==' || operator === '!=';
  const ignoresCase = prefix.includes('i');
  const defect = tokenDefect(key, attribute, operator, ignoresCase, value);
  if (defect !== undefined) return defect;
  const token = { key, ...(attribute !== undefined && { attribute }), operator, value, isMatch, ignoresCase };
  return { token, length: whole.length + body.length };
}

function tokenDefect(
  key: string,
  attribute: string | undefined,
  operator: UdevOperator,
  ignoresCase: boolean,
  value: string,
): string | undefined {
  const shape = shapes.get(key);
  if (!shape) return `udev knows no key ${JSON.stringify(key)}`;
  if (shape.attribute === 'none' && attribute !== undefined) return `${key} takes no {${attribute}}`;
  if (shape.attribute === 'needed' && !attribute) return `${key} needs a name in braces`;
  if (attribute !== undefined && shape.names?.test(attribute) === false) return `${key} does not know {${attribute}}`;
  if (!shape.operators.includes(operator)) return `${key} does not take ${operator}`;
  if (ignoresCase && operator !== '==' && operator !== '!=') return `${key}${operator} does not take the prefix i`;
  if (ignoresCase && alwaysMatches.has(key)) return `${key} does not take the prefix i`;
  const isNaming = key === 'NAME' && operator !== '==' && operator !== '!=';
  if (isNaming && (value === '' || value === '%k')) return `NAME="${value}" has no effect`;
  return undefined;
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  s: ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
};

/** `cunescape`; undefined for an escape that it refuses, so also for a zero byte. */
function unescapeC(text: string): string | undefined {
  let isValid = true;
  const unescaped = text.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.?))/gsu,
    (_whole, byte?: string, short?: string, long?: string, octal?: string, letter?: string) => {
      const digits = byte ?? short ?? long;
      const code = octal === undefined ? Number.parseInt(digits ?? '', 16) : Number.parseInt(octal, 8);
      const character = letter === undefined ? characterOf(code) : escapes[letter];
      if (character === undefined) isValid = false;
      return character ?? '';
    },
  );
  return isValid ? unescaped : undefined;
}

function characterOf(code: number): string | undefined {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
