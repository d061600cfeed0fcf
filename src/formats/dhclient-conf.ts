import type { Problem } from './problem.ts';

/** One word of dhclient.conf. */
export interface DhclientToken {
  readonly text: string;
  readonly quoted: boolean;
  readonly line: number;
}

/** One statement: `send host-name "web"`, `timeout 300`. */
export interface DhclientStatement {
  readonly words: readonly DhclientToken[];
  readonly line: number;
  /** Words before the opening braces around the statement, outermost first: `interface eth0`. */
  readonly scope: readonly string[];
}

export interface DhclientConf {
  readonly statements: readonly DhclientStatement[];
  readonly problems: readonly Problem[];
}

/**
 * Reads dhclient.conf, and the lease files that share its syntax, as ISC dhcp does (common/conflex.c `get_token`):
 * statements end at `;`, `{` and `}` nest, strings stand in double quotes with backslash escapes, `#` begins a comment
 * outside of strings.
 */
export function parseDhclientConf(text: string): DhclientConf {
  const statements: DhclientStatement[] = [];
  const problems: Problem[] = [];
  const scope: string[] = [];
  let words: DhclientToken[] = [];
  const finish = () => {
    const line = words[0]?.line;
    if (line !== undefined) statements.push({ words, line, scope: [...scope] });
    words = [];
  };
  for (const token of tokens(text)) {
    if (token.quoted) words.push(token);
    else if (token.text === ';') finish();
    else if (token.text === '{') {
      scope.push(words.map((word) => word.text).join(' '));
      words = [];
    } else if (token.text === '}') {
      if (words.length > 0) problems.push({ line: token.line, message: 'a statement ends without a semicolon' });
      finish();
      if (scope.pop() === undefined)
        problems.push({ line: token.line, message: 'a brace closes that was never opened' });
    } else words.push(token);
  }
  const last = words.at(-1);
  if (last !== undefined) problems.push({ line: last.line, message: 'a statement ends without a semicolon' });
  finish();
  return { statements, problems };
}

/** Names in `send host-name "NAME"` and its relatives; `gethostname()` is an expression, not a name. */
export function sentHostNames(conf: DhclientConf): readonly { readonly name: string; readonly line: number }[] {
  return conf.statements.flatMap(({ words, line }) => {
    const [verb, option, ...rest] = words;
    const sends = ['send', 'supersede', 'default'].includes(verb?.text.toLowerCase() ?? '');
    const names = ['host-name', 'fqdn.fqdn', 'dhcp-host-name'].includes(option?.text.toLowerCase() ?? '');
    const value = rest[0]?.text === '=' ? rest[1] : rest[0];
    return sends && names && value?.quoted ? [{ name: value.text, line }] : [];
  });
}

function* tokens(text: string): Iterable<DhclientToken> {
  const pattern = /\n|#[^\n]*|"((?:[^"\\\n]|\\.)*)"?|[;{}=]|[^\s#;{}="]+/g;
  let line = 1;
  for (const match of text.matchAll(pattern)) {
    const [found, string] = match;
    if (found === '\n') line += 1;
    else if (string !== undefined) yield { text: string.replace(/\\(.)/gs, '$1'), quoted: true, line };
    else if (!found.startsWith('#')) yield { text: found, quoted: false, line };
  }
}
