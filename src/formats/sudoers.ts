import type { Problem } from './problem.ts';
import { type Token, tokenize, unquote } from './sudoers-tokens.ts';

/** A member of a user list: a name, `%group`, `#uid`, `%#gid`, `+netgroup`, an alias or `ALL`. */
export interface SudoersUser {
  readonly name: string;
  readonly negated: boolean;
}

/** One statement of sudoers that bears on who may do what. Aliases of hosts, commands and run-as users are left out. */
export type SudoersStatement =
  /** The path as written; relative ones lie beside the including file. */
  | { readonly kind: 'include' | 'include-directory'; readonly path: string; readonly line: number }
  | {
      readonly kind: 'user-alias';
      readonly name: string;
      readonly members: readonly SudoersUser[];
      readonly line: number;
    }
  /** `users` is undefined for a setting that holds for everybody; settings for hosts, commands and run-as users are left out. */
  | {
      readonly kind: 'defaults';
      readonly users?: readonly SudoersUser[];
      readonly settings: readonly { readonly name: string; readonly negated: boolean; readonly value?: string }[];
      readonly line: number;
    }
  /** One per host list: `passwords` tells for each command that is not forbidden whether a password is asked for. */
  | {
      readonly kind: 'grant';
      readonly users: readonly SudoersUser[];
      readonly passwords: readonly ('NOPASSWD' | 'PASSWD' | 'default')[];
      readonly line: number;
    };

export interface Sudoers {
  readonly statements: readonly SudoersStatement[];
  readonly problems: readonly Problem[];
}

/** Reads sudoers as the lexer and grammar of sudo do (toke.l, gram.y of plugins/sudoers). A line with an error is skipped. */
export function parseSudoers(text: string): Sudoers {
  const statements: SudoersStatement[] = [];
  const problems: Problem[] = [];
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const start = line;
    const special = specialStatement(text, at, start);
    const { tokens, end } = special ? { tokens: [], end: special.end } : tokenize(text, at);
    line += count(text, '\n', at, end);
    at = end;
    const parsed = special ? special.statements : parseStatement(tokens, start);
    if (parsed === undefined)
      problems.push({ line: start, message: 'a syntax error: sudo skips the line or refuses to run' });
    else statements.push(...parsed);
  }
  return { statements, problems };
}

/** Statements that are recognised only at the start of a line: includes, Defaults and aliases other than of users. */
function specialStatement(
  text: string,
  at: number,
  line: number,
): { statements: readonly SudoersStatement[] | undefined; end: number } | undefined {
  const include = /(?:#|[ \t]*@)include(dir)?[ \t]+("[^"\n]*"|(?:\\[ \t]|[^\s\\]|\\)+)[^\n]*\n?/y;
  include.lastIndex = at;
  const [whole, isDirectory, path] = include.exec(text) ?? [];
  if (whole !== undefined && path !== undefined) {
    const kind = isDirectory === undefined ? 'include' : 'include-directory';
    const plain = path.replace(/^"(.*)"$/, '$1').replace(/\\([ \t])/g, '$1');
    return { statements: [{ kind, path: plain, line }], end: at + whole.length };
  }
  const named =
    /[ \t]*(Defaults(?=[ \t:@>!\r\n])|(?:Host|Cmnd|Cmd|Runas)_Alias)((?:\\[ \t]*\r?\n|\\[^\n]|"[^"\n]*"|#\d|[^#\\\n"])*)[^\n]*\n?/y;
  named.lastIndex = at;
  const [statement, keyword, body] = named.exec(text) ?? [];
  if (statement === undefined || body === undefined) return undefined;
  const joined = body.replace(/\\[ \t]*\r?\n/g, ' ');
  const defaults = keyword === 'Defaults' ? parseDefaults(joined, line) : [];
  return { statements: defaults, end: at + statement.length };
}

function parseDefaults(body: string, line: number): readonly SudoersStatement[] {
  const [, scope, subject, list = ''] =
    /^(?:([:@>!])[ \t]*((?:"[^"]*"|\\.|,[ \t]*|[^\s",\\])+))?(.*)$/s.exec(body) ?? [];
  if (scope !== undefined && scope !== ':') return [];
  const settings = [
    ...list.matchAll(/(!*)[ \t]*([a-z_]+)(?:[ \t]*[-+]?=[ \t]*("[^"]*"|(?:\\.|[^,\s\\])*))?[ \t]*(?:,|$)/g),
  ].map(([, marks = '', name = '', value]) => ({
    name,
    negated: marks.length % 2 === 1,
    ...(value !== undefined && { value: value.replace(/^"(.*)"$/, '$1') }),
  }));
  const users = subject?.split(',').map((user) => {
    const [, marks = '', name = ''] = /^\s*(!*)\s*(.*)$/s.exec(user) ?? [];
    return { name: unquote(name), negated: marks.length % 2 === 1 };
  });
  return [{ kind: 'defaults', ...(users && { users }), settings, line }];
}

/** Undefined for a syntax error. */
function parseStatement(tokens: readonly Token[], line: number): readonly SudoersStatement[] | undefined {
  const [first] = tokens;
  if (first === undefined) return [];
  const cursor = new Cursor(tokens);
  if (first.kind === 'word' && first.text === 'User_Alias') return parseUserAliases(cursor, line);
  const users = cursor.list(() => cursor.member('word'));
  if (users === undefined) return undefined;
  const grants: SudoersStatement[] = [];
  do {
    if (cursor.list(() => cursor.member('word')) === undefined || !cursor.mark('=')) return undefined;
    const passwords = parseCommands(cursor);
    if (passwords === undefined) return undefined;
    grants.push({ kind: 'grant', users, passwords, line });
  } while (cursor.mark(':'));
  return cursor.done() ? grants : undefined;
}

function parseUserAliases(cursor: Cursor, line: number): readonly SudoersStatement[] | undefined {
  const aliases: SudoersStatement[] = [];
  cursor.next();
  do {
    const name = cursor.next();
    if (name?.kind !== 'word' || !/^[A-Z][A-Z0-9_]*$/.test(name.text) || !cursor.mark('=')) return undefined;
    const members = cursor.list(() => cursor.member('word'));
    if (members === undefined) return undefined;
    aliases.push({ kind: 'user-alias', name: name.text, members, line });
  } while (cursor.mark(':'));
  return cursor.done() ? aliases : undefined;
}

/** A tag holds for the commands that follow it, up to the next host list. */
function parseCommands(cursor: Cursor): ('NOPASSWD' | 'PASSWD' | 'default')[] | undefined {
  let password: 'NOPASSWD' | 'PASSWD' | 'default' = 'default';
  const commands = cursor.list(() => {
    if (cursor.mark('(') && !cursor.skipTo(')')) return undefined;
    for (let token = cursor.peek(); token?.kind === 'tag' || token?.kind === 'option'; token = cursor.peek()) {
      if (token.text === 'NOPASSWD' || token.text === 'PASSWD') password = token.text;
      cursor.next();
    }
    const member = cursor.member('word', 'command');
    return member && { negated: member.negated, password };
  });
  return commands?.filter(({ negated }) => !negated).map((granted) => granted.password);
}

class Cursor {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  next(): Token | undefined {
    return this.#tokens[this.#at++];
  }

  done(): boolean {
    return this.#at >= this.#tokens.length;
  }

  mark(text: string): boolean {
    const token = this.peek();
    const found = token?.kind === 'mark' && token.text === text;
    if (found) this.#at++;
    return found;
  }

  skipTo(text: string): boolean {
    while (!this.done())
      if (this.mark(text)) return true;
      else this.#at++;
    return false;
  }

  member(...kinds: readonly Token['kind'][]): SudoersUser | undefined {
    let negated = false;
    while (this.mark('!')) negated = !negated;
    const token = this.next();
    return token && kinds.includes(token.kind) ? { name: token.text, negated } : undefined;
  }

  /** Items between commas; undefined when one is not understood. */
  list<T>(item: () => T | undefined): T[] | undefined {
    const items: T[] = [];
    do {
      const value = item();
      if (value === undefined) return undefined;
      items.push(value);
    } while (this.mark(','));
    return items;
  }
}

function count(text: string, character: string, from: number, to: number): number {
  let found = 0;
  for (let at = text.indexOf(character, from); at >= 0 && at < to; at = text.indexOf(character, at + 1)) found++;
  return found;
}
