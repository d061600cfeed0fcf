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
      /** `NAME in WORD …`; none for `while` and `until`. */
      readonly words: readonly GrubWord[];
      /** What `while` and `until` ask. */
      readonly condition: readonly GrubCommand[];
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
  const { tokens, problems } = tokenize(text);
  let at = 0;

  const bareAt = (index: number) => {
    const token = tokens[index];
    return token?.kind === 'word' ? token.bare : undefined;
  };
  /** Commands up to one of the closing words, which is consumed and returned. */
  const readCommands = (closers: readonly string[], depth: number): { commands: GrubCommand[]; closer?: string } => {
    const commands: GrubCommand[] = [];
    for (let token = tokens[at]; token; token = tokens[at]) {
      const closer = token.kind === 'close' ? '}' : (bareAt(at) ?? '');
      if (closers.includes(closer)) {
        at += 1;
        return { commands, closer };
      }
      if (token.kind === 'word' && depth > MAX_DEPTH) {
        problems.push({ line: token.line, message: 'nested too deeply' });
        at = tokens.length;
      } else if (token.kind === 'word') {
        commands.push(readCommand(token.bare, token.line, depth + 1));
      } else {
        if (token.kind === 'close') problems.push({ line: token.line, message: 'unexpected }' });
        at += 1;
      }
    }
    const [missing] = closers;
    if (missing !== undefined) problems.push({ line: tokens.at(-1)?.line ?? 1, message: `${missing} is missing` });
    return { commands };
  };

  const readCommand = (keyword: string | undefined, line: number, depth: number): GrubCommand => {
    if (keyword === 'if') return readIf(line, depth);
    const name = bareAt(at + 1);
    if (keyword === 'function' && name !== undefined) {
      at += 2;
      while (tokens[at]?.kind === 'end') at += 1;
      const body = tokens[at]?.kind === 'open' ? readBlock(depth) : [];
      return { kind: 'function', name, body, line };
    }
    if (keyword === 'for' || keyword === 'while' || keyword === 'until') {
      at += 1;
      const words = keyword === 'for' ? readWords() : [];
      const condition = readCommands(['do'], depth).commands;
      return { kind: 'loop', words, condition, body: readCommands(['done'], depth).commands, line };
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
      const { commands: body, closer } = readCommands(['fi', 'elif', 'else'], depth);
      branches.push({ condition, body });
      if (closer === 'elif') continue;
      if (closer === 'else') otherwise = readCommands(['fi'], depth).commands;
      return { kind: 'if', branches, otherwise, line };
    }
  };

  const { commands } = readCommands([], 0);
  return { commands, problems };
}

const VARIABLE = /\$(?:\{(\w+|[?@*#])\}|([A-Za-z_]\w*|\d+|[?@*#]))/y;

/** Characters that mean nothing to GRUB: outside quotes, and inside either kind. */
const PLAIN = /[^ \t\r\n;|&<>{}#\\'"$]+/y;
const PLAIN_IN_QUOTES = /[^'"\\$\n]+/y;

/** What loses its backslash between double quotes. */
const ESCAPED = /^\\["$\\\n]$/;

function tokenize(text: string): { readonly tokens: readonly Token[]; readonly problems: Problem[] } {
  const tokens: Token[] = [];
  const problems: Problem[] = [];
  let parts: GrubWordPart[] | undefined;
  /** Quoted or escaped in part, so no word of the language. */
  let isQuoted = false;
  let line = 1;
  let firstLine = 1;
  let at = 0;

  const partsOfWord = () => {
    if (!parts) firstLine = line;
    parts ??= [];
    return parts;
  };
  const add = (part: string) => {
    const known = partsOfWord();
    const last = known.at(-1);
    if (last?.kind === 'text') known[known.length - 1] = { kind: 'text', text: last.text + part };
    else known.push({ kind: 'text', text: part });
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
    VARIABLE.lastIndex = at;
    const match = VARIABLE.exec(text);
    if (!match) return false;
    partsOfWord().push({ kind: 'variable', name: match[1] ?? match[2] ?? '', quoted });
    at += match[0].length;
    return true;
  };
  const endWord = () => {
    if (!parts) return;
    const [only, ...others] = parts;
    const bare = !isQuoted && others.length === 0 && only?.kind === 'text' ? { bare: only.text } : {};
    tokens.push({ kind: 'word', word: parts, line: firstLine, ...bare });
    parts = undefined;
    isQuoted = false;
  };

  const readQuoted = (quote: string) => {
    add('');
    isQuoted = true;
    while (at < text.length && text.charAt(at) !== quote) {
      if (addRun(PLAIN_IN_QUOTES) || (quote === '"' && addVariable(true))) continue;
      const isEscaped = quote === '"' && ESCAPED.test(text.slice(at, at + 2));
      if (isEscaped) at += 1;
      const inner = text.charAt(at);
      if (inner === '\n') line += 1;
      // The line goes on: nothing of its end is left.
      if (!isEscaped || inner !== '\n') add(inner);
      at += 1;
    }
    if (at >= text.length) problems.push({ line: firstLine, message: `${quote} is missing` });
    at += 1;
  };

  while (at < text.length) {
    if (addRun(PLAIN)) continue;
    if (addVariable(false)) continue;
    const character = text.charAt(at);
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
      else {
        add(text.charAt(at));
        isQuoted = true;
      }
      at += 1;
    } else if (character === "'" || character === '"') readQuoted(character);
    else add(character);
  }
  endWord();
  return { tokens, problems };
}
