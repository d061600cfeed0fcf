import { nftRule } from './nftables-rule.ts';
import type { FilterChain, FilterRule } from './packet-filter.ts';

/** A base chain on a hook of the machine's own packets, with the chains of its table that it may call. */
export interface NftBaseChain {
  readonly name: string;
  readonly hook: 'input' | 'output';
  readonly table: ReadonlyMap<string, FilterChain>;
}

export interface Nftables {
  readonly baseChains: readonly NftBaseChain[];
  /** Rules of all tables and chains. */
  readonly ruleCount: number;
  /** Patterns of `include`. */
  readonly includes: readonly string[];
}

/** A word, or a mark of the syntax; braces, semicolons and line ends stand alone. */
interface Token {
  readonly text: string;
  readonly line: number;
}

interface Draft {
  readonly rules: FilterRule[];
  hook?: NftBaseChain['hook'];
  policy?: NonNullable<FilterChain['policy']>;
}

type Table = Map<string, Draft>;

/**
 * A file for `nft -f`, as far as it says what happens to packets that the machine sends or gets: tables and chains in blocks, and
 * commands such as `add rule inet filter output …`. Families without IPv4 are left out.
 */
export function parseNftables(text: string): Nftables {
  const tokens = tokenize(expandDefines(text));
  const lines = text.split('\n');
  const tables = new Map<string, Table>();
  const includes: string[] = [];
  let at = 0;

  const isEnd = (token: Token | undefined) => token === undefined || [';', '\n'].includes(token.text);
  /** Words up to the end of a statement, blocks within included; stops before a closing brace. */
  const statement = (): readonly Token[] => {
    const words: Token[] = [];
    let depth = 0;
    while (at < tokens.length) {
      const token = tokens[at];
      if (!token || (depth === 0 && (isEnd(token) || token.text === '}'))) break;
      if (token.text === '{') depth++;
      if (token.text === '}') depth--;
      if (token.text !== '\n') words.push(token);
      at++;
    }
    return words;
  };
  const tableNamed = (family: string, name: string): Table => {
    const key = `${family} ${name}`;
    const table = tables.get(key) ?? new Map<string, Draft>();
    tables.set(key, table);
    return table;
  };
  const readChain = (table: Table, name: string): void => {
    const draft = chainNamed(table, name);
    while (at < tokens.length && tokens[at]?.text !== '}') {
      const words = statement();
      addStatement(draft, words, lines);
      if (isEnd(tokens[at])) at++;
    }
    at++;
  };

  const readTable = (table: Table): void => {
    while (at < tokens.length && tokens[at]?.text !== '}') {
      const [kind, name, brace] = [tokens[at]?.text, tokens[at + 1]?.text, tokens[at + 2]?.text];
      if (kind === 'chain' && name !== undefined && brace === '{') {
        at += 3;
        readChain(table, name);
      } else if (statement().length === 0 || isEnd(tokens[at])) at++;
    }
    at++;
  };

  while (at < tokens.length) {
    const words = tokens.slice(at, at + 4).map((token) => token.text);
    const offset = words[0] === 'add' || words[0] === 'create' ? 1 : 0;
    const families = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'];
    const isNamed = families.includes(words[offset + 1] ?? '');
    const brace = offset + (isNamed ? 3 : 2);
    if (words[offset] === 'table' && tokens[at + brace]?.text === '{') {
      const family = isNamed ? (words[offset + 1] ?? 'ip') : 'ip';
      const name = tokens[at + brace - 1]?.text ?? '';
      at += brace + 1;
      readTable(tableNamed(family, name));
      continue;
    }
    const command = statement();
    runCommand(command, families, tableNamed, lines);
    if (command[0]?.text === 'include' && command[1]) includes.push(command[1].text);
    at++;
  }
  const chains = [...tables.values()].flatMap((table) => [...table.values()]);
  const ruleCount = chains.reduce((sum, { rules }) => sum + rules.length, 0);
  return { baseChains: baseChainsOf(tables), ruleCount, includes };
}

function baseChainsOf(tables: ReadonlyMap<string, Table>): readonly NftBaseChain[] {
  const ofIpv4 = [...tables].filter(([key]) => /^(?:ip|inet) /.test(key));
  return ofIpv4.flatMap(([, table]) => [...table].flatMap(([name, { hook }]) => (hook ? [{ name, hook, table }] : [])));
}

function chainNamed(table: Table, name: string): Draft {
  const draft = table.get(name) ?? { rules: [] };
  table.set(name, draft);
  return draft;
}

/** `type filter hook output priority 0; policy drop;` describes the chain, anything else is a rule of it. */
function addStatement(draft: Draft, words: readonly Token[], lines: readonly string[], isFirst = false): void {
  const [first, second] = words;
  if (!first) return;
  const place = { line: first.line, text: (lines[first.line - 1] ?? '').trim() };
  const texts = words.map(({ text }) => text);
  if (first.text === 'type') {
    const hook = texts[texts.indexOf('hook') + 1];
    if (texts[1] === 'filter' && (hook === 'input' || hook === 'output')) draft.hook = hook;
  } else if (first.text === 'policy') {
    draft.policy = { verdict: second?.text === 'drop' ? 'drop' : 'accept', ...place };
  } else if (!['comment', 'flags', 'devices'].includes(first.text)) {
    const rule = { ...nftRule(texts), ...place };
    if (isFirst) draft.rules.unshift(rule);
    else draft.rules.push(rule);
  }
}

/** `add rule [family] table chain …`, and the same with `insert`; `add chain … { … }`. */
function runCommand(
  command: readonly Token[],
  families: readonly string[],
  tableNamed: (family: string, name: string) => Table,
  lines: readonly string[],
): void {
  const [verb, object, ...rest] = command;
  const isNamed = families.includes(rest[0]?.text ?? '');
  const family = isNamed ? (rest[0]?.text ?? 'ip') : 'ip';
  const [table, chain, ...words] = isNamed ? rest.slice(1) : rest;
  if (!verb || !object || !table || !chain || !['add', 'insert', 'create'].includes(verb.text)) return;
  const draft = chainNamed(tableNamed(family, table.text), chain.text);
  if (object.text === 'rule') addStatement(draft, words, lines, verb.text === 'insert');
  if (object.text !== 'chain') return;
  const inner = words.filter(({ text }) => text !== '{' && text !== '}');
  const parts = inner
    .map(({ text }) => text)
    .join(' ')
    .split(/\s*;\s*/);
  for (const part of parts.filter((text) => text !== '')) {
    addStatement(
      draft,
      part.split(' ').map((text) => ({ text, line: verb.line })),
      lines,
    );
  }
}

/** `define NAME = value` and `$NAME`, the values of one line; a name that is not defined stays as written. */
function expandDefines(text: string): string {
  const defines = new Map<string, string>();
  return text
    .split('\n')
    .map((line) => {
      const expanded = line.replace(/\$([A-Za-z_]\w*)/g, (whole, name: string) => defines.get(name) ?? whole);
      const [, name, value] = /^\s*(?:re)?define\s+(\w+)\s*=\s*(.+?)\s*;?\s*$/.exec(expanded) ?? [];
      // Longer values come of values in values, which a hostile file could grow without end.
      if (name === undefined || value === undefined || value.length > 4096) return expanded;
      defines.set(name, value);
      return '';
    })
    .join('\n');
}

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (const [token] of text.matchAll(/\\\n|\n|#[^\n]*|"[^"\n]*"|[{};,]|[^\s{};,"]+|[^\S\n]+|"/g)) {
    if (token === '\n') tokens.push({ text: token, line });
    else if (!/^(?:#|\\\n|\s)/.test(token)) tokens.push({ text: token.replace(/^"|"$/g, ''), line });
    if (token.endsWith('\n')) line++;
  }
  return tokens;
}
