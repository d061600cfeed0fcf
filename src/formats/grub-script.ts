import type { Problem } from './problem.ts';

/** A piece of a word; a variable outside quotes is split at blanks when it is expanded. */
export type GrubWordPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string; readonly quoted: boolean };

export type GrubWord = readonly GrubWordPart[];

/** One command of GRUB's script language. Lines are counted from 1. */
export type GrubCommand =
  | {
      readonly kind: 'simple';
      readonly words: readonly GrubWord[];
      readonly block?: readonly GrubCommand[];
      readonly line: number;
    }
  | {
      readonly kind: 'if';
      readonly branches: readonly GrubBranch[];
      readonly otherwise: readonly GrubCommand[];
      readonly line: number;
    }
  | {
      readonly kind: 'loop';
      readonly words: readonly GrubWord[];
      readonly body: readonly GrubCommand[];
      readonly line: number;
    }
  | { readonly kind: 'function'; readonly name: string; readonly body: readonly GrubCommand[]; readonly line: number };

export interface GrubBranch {
  readonly condition: readonly GrubCommand[];
  readonly body: readonly GrubCommand[];
}

export interface GrubScript {
  readonly commands: readonly GrubCommand[];
  readonly problems: readonly Problem[];
}

type Token =
  | { readonly kind: 'word'; readonly word: GrubWord; readonly bare?: string; readonly line: number }
  | { readonly kind: 'end' | 'open' | 'close'; readonly line: number };

/** Nesting that GRUB's own parser would take but no generated file needs. */
const MAX_DEPTH = 50;

/** The script language of grub.cfg (`grub_script_yylex`, `parser.y`). Unfinished constructs end where the text does. */
export function parseGrubScript(text: string): GrubScript {
  const tokens = tokenize(text);
  const problems: Problem[] = [];
  let at = 0;

  const bareAt = (index: number) => {
    const token = tokens[index];
    return token?.kind === 'word' ? token.bare : undefined;
  };
  /** Commands up to one of the closing words, which is consumed and returned. */
  const readCommands = (closers: readonly string[], depth: number): { commands: GrubCommand[]; closer?: string } => {
    const commands: GrubCommand[] = [];
    while (at < tokens.length) {
      const token = tokens[at];
      if (token === undefined) break;
      if (
        token.kind === 'close' ||
        (token.kind === 'word' && token.bare !== undefined && closers.includes(token.bare))
      ) {
        at += 1;
        const closer = bareAt(at - 1) ?? '}';
        if (closers.includes(closer)) return { commands, closer };
        problems.push({ line: token.line, message: `unexpected ${closer}` });
      } else if (token.kind !== 'word') {
        at += 1;
      } else if (depth > MAX_DEPTH) {
        problems.push({ line: token.line, message: 'nested too deeply' });
        at = tokens.length;
      } else {
        commands.push(readCommand(token.bare, token.line, depth + 1));
      }
    }
    if (closers.length > 0) problems.push({ line: tokens.at(-1)?.line ?? 1, message: `${closers.at(-1)} is missing` });
    return { commands };
  };

  const readCommand = (keyword: string | undefined, line: number, depth: number): GrubCommand => {
    if (keyword === 'if') return readIf(line, depth);
    if (keyword === 'function' && bareAt(at + 1) !== undefined) {
      const name = bareAt(at + 1) ?? '';
      at += 2;
      while (tokens[at]?.kind === 'end') at += 1;
      const body = tokens[at]?.kind === 'open' ? readBlock(depth) : [];
      return { kind: 'function', name, body, line };
    }
    if (keyword === 'for' || keyword === 'while' || keyword === 'until') {
      at += 1;
      const words = keyword === 'for' ? readWords() : [];
      if (keyword !== 'for') readCommands(['do'], depth);
      else while (tokens[at]?.kind === 'end' || bareAt(at) === 'do') at += 1;
      return { kind: 'loop', words, body: readCommands(['done'], depth).commands, line };
    }
    const words = readWords();
    const block = tokens[at]?.kind === 'open' ? readBlock(depth) : undefined;
    return { kind: 'simple', words, line, ...(block && { block }) };
  };

  const readWords = (): GrubWord[] => {
    const words: GrubWord[] = [];
    for (let token = tokens[at]; token?.kind === 'word'; token = tokens[at]) {
      words.push(token.word);
      at += 1;
    }
    return words;
  };

  const readBlock = (depth: number): GrubCommand[] => {
    at += 1;
    return readCommands(['}'], depth).commands;
  };

  const readIf = (line: number, depth: number): GrubCommand => {
    const branches: GrubBranch[] = [];
    let otherwise: GrubCommand[] = [];
    at += 1;
    for (;;) {
      const condition = readCommands(['then'], depth).commands;
      const { commands: body, closer } = readCommands(['elif', 'else', 'fi'], depth);
      branches.push({ condition, body });
      if (closer === 'elif') continue;
      if (closer === 'else') otherwise = readCommands(['fi'], depth).commands;
      return { kind: 'if', branches, otherwise, line };
    }
  };

  const { commands } = readCommands([], 0);
  return { commands, problems };
}

const VARIABLE = /^\$(?:\{(\w+|[?@*#])\}|([A-Za-z_]\w*|\d+|[?@*#]))/;

/** Characters that mean nothing to GRUB: outside quotes, and inside either kind. */
const PLAIN = /[^ \t\r\n;|&<>{}#\\'"$]+/y;
const PLAIN_IN_QUOTES = /[^'"\\$\n]+/y;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let parts: GrubWordPart[] | undefined;
  let isQuoted = false;
  let line = 1;
  let at = 0;

  const add = (part: string) => {
    parts ??= [];
    const last = parts.at(-1);
    if (last?.kind === 'text') parts[parts.length - 1] = { kind: 'text', text: last.text + part };
    else parts.push({ kind: 'text', text: part });
  };
  const addRun = (plain: RegExp): boolean => {
    plain.lastIndex = at;
    const run = plain.exec(text)?.[0];
    if (run === undefined) return false;
    add(run);
    at += run.length;
    return true;
  };
  const addVariable = (quoted: boolean): boolean => {
    const match = VARIABLE.exec(text.slice(at, at + 200));
    if (!match) return false;
    parts ??= [];
    parts.push({ kind: 'variable', name: match[1] ?? match[2] ?? '', quoted });
    at += match[0].length;
    return true;
  };
  const endWord = () => {
    if (!parts) return;
    const [only, ...others] = parts;
    const bare = !isQuoted && others.length === 0 && only?.kind === 'text' ? { bare: only.text } : {};
    tokens.push({ kind: 'word', word: parts, line, ...bare });
    parts = undefined;
    isQuoted = false;
  };

  while (at < text.length) {
    if (addRun(PLAIN)) continue;
    const character = text.charAt(at);
    if (character === '$' && addVariable(false)) continue;
    at += 1;
    if (/[ \t\r]/.test(character)) endWord();
    else if (/[\n;|&<>{}]/.test(character)) {
      endWord();
      tokens.push({ kind: character === '{' ? 'open' : character === '}' ? 'close' : 'end', line });
      if (character === '\n') line += 1;
    } else if (character === '#' && !parts) {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else if (character === '\\') {
      if (text.charAt(at) === '\n') line += 1;
      else add(text.charAt(at));
      at += 1;
    } else if (character === "'" || character === '"') {
      isQuoted = true;
      const start = line;
      add('');
      while (at < text.length && text.charAt(at) !== character) {
        if (addRun(PLAIN_IN_QUOTES)) continue;
        const inner = text.charAt(at);
        if (inner === '\n') line += 1;
        if (character === '"' && inner === '$' && addVariable(true)) continue;
        const escaped = character === '"' && inner === '\\' && /["$\\\n]/.test(text.charAt(at + 1));
        if (escaped) at += 1;
        if (escaped && text.charAt(at) === '\n') line += 1;
        else add(text.charAt(at));
        at += 1;
      }
      at += 1;
      if (at > text.length) line = start;
    } else add(character);
  }
  endWord();
  return tokens;
}
