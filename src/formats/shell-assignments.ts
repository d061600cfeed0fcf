import type { Problem } from './problem.ts';

/** One `NAME=value` as a POSIX shell would store it. */
export interface ShellAssignment {
  readonly key: string;
  readonly value: string;
  /** Line where the assignment begins, counted from 1. */
  readonly line: number;
  /** That line as the file has it. */
  readonly text: string;
}

export interface ShellAssignments {
  /** In file order, repeated keys included. */
  readonly assignments: readonly ShellAssignment[];
  /** Last assignment of each key. */
  readonly byKey: ReadonlyMap<string, ShellAssignment>;
  readonly problems: readonly Problem[];
}

export interface ShellAssignmentOptions {
  /**
   * Value of a variable that the text does not set itself. When given, `$NAME` and `${NAME}` are expanded as the shell
   * does, in order; when left out, they stay as written, as in os-release.
   */
  readonly expand?: (name: string) => string | undefined;
}

/**
 * Files made of shell assignments: os-release, /etc/default/*, /etc/sysconfig/*. Quotes, backslashes and comments as in
 * the POSIX shell command language, section 2.2; `export` is allowed. Commands are not run and become problems.
 */
export function parseShellAssignments(text: string, options: ShellAssignmentOptions = {}): ShellAssignments {
  const lines = text.split('\n');
  const assignments: ShellAssignment[] = [];
  const byKey = new Map<string, ShellAssignment>();
  const problems: Problem[] = [];
  const expand = options.expand;
  const lookUp = expand && ((name: string) => byKey.get(name)?.value ?? expand(name) ?? '');

  const scanner: Scanner = { text, offset: 0, line: 1 };
  while (scanner.offset < text.length) {
    const statement = nextStatement(scanner, lookUp, problems);
    const words = statement[0]?.text === 'export' ? statement.slice(1) : statement;
    const parsed = words.map((word) => ({ word, match: /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(word.text) }));
    const command = parsed.find(({ match }) => match === null);
    if (command) {
      problems.push({ line: command.word.line, message: 'not an assignment, so no value comes of this line' });
      continue;
    }
    for (const { word, match } of parsed) {
      const key = match?.[1] ?? '';
      const value = word.text.slice(key.length + 1);
      const assignment = { key, value, line: word.line, text: lines[word.line - 1] ?? '' };
      assignments.push(assignment);
      byKey.set(key, assignment);
    }
  }
  return { assignments, byKey, problems };
}

interface Scanner {
  readonly text: string;
  offset: number;
  line: number;
}

interface Word {
  text: string;
  line: number;
}

type LookUp = ((name: string) => string) | undefined;

/** Reads the words up to the next newline or semicolon outside quotes. */
function nextStatement(scanner: Scanner, lookUp: LookUp, problems: Problem[]): Word[] {
  const { text } = scanner;
  const words: Word[] = [];
  let word: Word | undefined;
  const append = (piece: string) => {
    word ??= { text: '', line: scanner.line };
    word.text += piece;
  };
  const endWord = () => {
    if (word) words.push(word);
    word = undefined;
  };

  while (scanner.offset < text.length) {
    const character = text.charAt(scanner.offset);
    scanner.offset += 1;
    if (character === '\n' || character === ';') {
      endWord();
      if (character === '\n') scanner.line += 1;
      return words;
    }
    if (character === ' ' || character === '\t') {
      endWord();
    } else if (character === '#' && word === undefined) {
      const end = text.indexOf('\n', scanner.offset);
      scanner.offset = end < 0 ? text.length : end;
    } else if (character === '\\') {
      if (text.charAt(scanner.offset) === '\n') scanner.line += 1;
      else append(text.charAt(scanner.offset));
      scanner.offset += 1;
    } else if (character === "'" || character === '"') {
      append('');
      const start = scanner.line;
      if (!readQuoted(scanner, character, append, lookUp)) {
        problems.push({ line: start, message: `the quote ${character} is never closed` });
      }
    } else if (character === '$' && lookUp) {
      append(readVariable(scanner, lookUp));
    } else {
      append(character);
    }
  }
  endWord();
  return words;
}

/** Returns false when the text ends before the quote does. */
function readQuoted(scanner: Scanner, quote: string, append: (piece: string) => void, lookUp: LookUp): boolean {
  const { text } = scanner;
  while (scanner.offset < text.length) {
    const character = text.charAt(scanner.offset);
    scanner.offset += 1;
    if (character === quote) return true;
    if (character === '\n') scanner.line += 1;
    const next = text.charAt(scanner.offset);
    if (quote === '"' && character === '\\' && '$`"\\\n'.includes(next) && next !== '') {
      scanner.offset += 1;
      if (next === '\n') scanner.line += 1;
      else append(next);
    } else if (quote === '"' && character === '$' && lookUp) {
      append(readVariable(scanner, lookUp));
    } else {
      append(character);
    }
  }
  return false;
}

function readVariable(scanner: Scanner, lookUp: (name: string) => string): string {
  const match = /^(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/.exec(scanner.text.slice(scanner.offset, scanner.offset + 256));
  if (!match) return '$';
  scanner.offset += match[0].length;
  return lookUp(match[1] ?? match[2] ?? '');
}
