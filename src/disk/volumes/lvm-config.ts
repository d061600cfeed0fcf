import { DiskError } from '../disk-error.ts';
import { diskLimits } from '../limits.ts';

/** A number may be beyond what a double holds exactly; who uses it checks. */
export type ConfigValue = string | number | readonly (string | number)[];

/** A section of LVM2's configuration text. */
export interface ConfigSection {
  readonly values: ReadonlyMap<string, ConfigValue>;
  /** In the order of the text. */
  readonly sections: ReadonlyMap<string, ConfigSection>;
}

interface Section extends ConfigSection {
  readonly values: Map<string, ConfigValue>;
  readonly sections: Map<string, ConfigSection>;
}

const STRUCTURE = 'LVM metadata text';
/** What isspace(3) takes for one in the C locale. */
const blank = /[ \t\n\v\f\r]/;
const integer = /^[+-]?(?:0[0-7]*|[1-9][0-9]*)$/;

type TokenType = 'word' | 'string' | 'bare' | 'integer' | 'float' | 'end' | '{' | '}' | '[' | ']' | ',' | '=';

interface Token {
  readonly type: TokenType;
  readonly text: string;
  readonly at: number;
}

/**
 * Parses the text format of LVM2 the way libdm-config.c does when it reads metadata: a NUL ends the text, commas in an
 * array may be left out before its end, only \" and \\ are escapes, a number is read as C reads it (010 is eight), and
 * of two settings of one name the last counts.
 *
 * @param text One character for each byte.
 * @throws {DiskError} for what libdm-config.c would refuse, and for sections nested too deeply
 */
export function parseLvmConfig(text: string): ConfigSection {
  const tokens = new Tokens(text);
  const root = emptySection();
  while (!tokens.is('end')) parseSetting(tokens, root, 1);
  return root;
}

function parseSetting(tokens: Tokens, parent: Section, depth: number): void {
  const path = parseName(tokens).split('/').filter(Boolean);
  const name = path.pop();
  if (name === undefined) throw tokens.unexpected('a name');
  const target = path.reduce(openSection, parent);
  if (!tokens.is('{')) {
    tokens.take('=');
    target.values.set(name, parseValue(tokens, name));
    return;
  }
  if (depth + path.length >= diskLimits.lvmNesting)
    throw new DiskError('limit', STRUCTURE, `nests sections too deeply (limit lvmNesting, ${diskLimits.lvmNesting})`);
  tokens.take('{');
  const section = openSection(target, name);
  while (!tokens.is('}')) parseSetting(tokens, section, depth + path.length + 1);
  tokens.take('}');
}

function emptySection(): Section {
  return { values: new Map(), sections: new Map() };
}

function openSection(parent: Section, name: string): Section {
  const section = emptySection();
  parent.sections.set(name, section);
  return section;
}

function parseName(tokens: Tokens): string {
  const { type, text } = tokens.current;
  if (type === 'string') {
    tokens.take('string');
    return unquote(tokens, text);
  }
  tokens.take('word');
  return text;
}

function parseValue(tokens: Tokens, name: string): ConfigValue {
  if (!tokens.is('[')) return parseScalar(tokens, name);
  tokens.take('[');
  const values: (string | number)[] = [];
  while (!tokens.is(']')) {
    values.push(parseScalar(tokens, name));
    if (tokens.is(',')) tokens.take(',');
  }
  tokens.take(']');
  return values;
}

function parseScalar(tokens: Tokens, name: string): string | number {
  const { type, text } = tokens.current;
  if (type === 'integer') {
    const value = integer.test(text) ? toInteger(text) : undefined;
    // Old 32-bit builds wrote times that do not fit; LVM2 takes those, and only those.
    if (value === undefined || (BigInt.asIntN(64, value) !== value && name !== 'creation_time'))
      throw tokens.unexpected('a number');
    tokens.take('integer');
    return Number(value);
  }
  if (type === 'float') {
    tokens.take('float');
    return Number.parseFloat(text) || 0;
  }
  if (type === 'string') {
    tokens.take('string');
    return unquote(tokens, text);
  }
  if (type !== 'bare') throw tokens.unexpected('a value');
  tokens.take('bare');
  return text;
}

function toInteger(text: string): bigint {
  const digits = text.replace(/^[+-]/, '');
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return text.startsWith('-') ? -value : value;
}

/** The quotes go, in double quotes the escapes too. */
function unquote(tokens: Tokens, text: string): string {
  if (text.length < 2) throw tokens.unexpected('the end of a string');
  const inner = text.slice(1, -1);
  return text.startsWith('"') ? inner.replace(/\\(["\\])/g, '$1') : inner;
}

class Tokens {
  readonly #text: string;
  #current: Token;

  constructor(text: string) {
    this.#text = text;
    this.#current = this.#read(0, undefined);
  }

  get current(): Token {
    return this.#current;
  }

  is(type: TokenType): boolean {
    return this.#current.type === type;
  }

  take(type: TokenType): void {
    if (!this.is(type)) throw this.unexpected(type === 'word' ? 'a name' : `"${type}"`);
    this.#current = this.#read(this.#current.at + this.#current.text.length, type);
  }

  unexpected(expected: string): DiskError {
    const line = this.#text.slice(0, this.#current.at).split('\n').length;
    return new DiskError('corrupt', STRUCTURE, `cannot be parsed: expected ${expected} in line ${line}`);
  }

  /** @param before Type of the token before: after `=`, `[` and `,` a value is expected, else a name. */
  #read(from: number, before: TokenType | undefined): Token {
    const at = this.#skipBlanks(from);
    const first = this.#text[at] ?? '\0';
    if (first === '\0') return { type: 'end', text: '', at };
    const isValue = before === '=' || before === '[' || before === ',';
    const token = (type: TokenType, end: number): Token => ({ type, text: this.#text.slice(at, end), at });
    switch (first) {
      case '{':
      case '}':
      case '[':
      case ']':
      case ',':
      case '=':
        return token(first, at + 1);
      case '"':
      case "'":
        return token('string', this.#endOfString(at + 1, first));
      default:
        if (isValue && /[-+.0-9]/.test(first)) return this.#number(at, first);
        return token(isValue ? 'bare' : 'word', this.#endOf(/[ \t\n\v\f\r#={}\0]/g, at + 1));
    }
  }

  #number(at: number, first: string): Token {
    let end = this.#endOf(/[^0-9]/g, at + 1);
    const hasPoint = first === '.' || this.#text[end] === '.';
    if (first !== '.' && hasPoint) end = this.#endOf(/[^0-9]/g, end + 1);
    return { type: hasPoint ? 'float' : 'integer', text: this.#text.slice(at, end), at };
  }

  #skipBlanks(from: number): number {
    let at = from;
    for (;;) {
      const character = this.#text[at];
      if (character === '#') at = this.#endOf(/[\n\0]/g, at);
      else if (character !== undefined && blank.test(character)) at += 1;
      else return at;
    }
  }

  #endOfString(from: number, quote: string): number {
    let at = from;
    for (;;) {
      const character = this.#text[at] ?? '\0';
      if (character === '\0') return at;
      const next = this.#text[at + 1] ?? '\0';
      if (character === quote) return at + 1;
      at += character === '\\' && quote === '"' && next !== '\0' ? 2 : 1;
    }
  }

  /** Where the first character of the class stands from `from` on; the end of the text if there is none. */
  #endOf(stop: RegExp, from: number): number {
    stop.lastIndex = from;
    return stop.exec(this.#text)?.index ?? this.#text.length;
  }
}
