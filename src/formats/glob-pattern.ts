/** Matches one character, or any run of them. */
type Token = RegExp | '*';

/**
 * A test for one path component, with the wildcards of glob(3): `*`, `?`, `[…]` and backslash escapes. Like glob(3), a
 * wildcard at the start does not match a leading dot.
 *
 * Patterns come from the image, so matching never backtracks further than to the last `*`.
 */
export function globMatcher(pattern: string): (name: string) => boolean {
  const tokens = tokenize(pattern);
  const mayStartWithDot = /^\\?\./.test(pattern);
  return (name) => (mayStartWithDot || !name.startsWith('.')) && matches(tokens, [...name]);
}

export function hasWildcard(pattern: string): boolean {
  return /[*?[\\]/.test(pattern);
}

function matches(tokens: readonly Token[], name: readonly string[]): boolean {
  let token = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  while (at < name.length) {
    const current = tokens[token];
    if (current === '*') {
      star = token++;
      starAt = at;
    } else if (current?.test(name[at] ?? '')) {
      token++;
      at++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++starAt;
    } else return false;
  }
  return tokens.slice(token).every((rest) => rest === '*');
}

function tokenize(pattern: string): readonly Token[] {
  const tokens: Token[] = [];
  const one = (source: string) => tokens.push(new RegExp(`^${source}$`, 'su'));
  const characters = [...pattern];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    const close = character === '[' ? closingBracket(characters, at) : -1;
    if (character === '*') {
      if (tokens.at(-1) !== '*') tokens.push('*');
    } else if (character === '?') one('.');
    else if (close > 0) {
      one(bracket(characters.slice(at + 1, close)));
      at = close;
    } else if (character === '\\' && at + 1 < characters.length) one(quote(characters[++at] ?? ''));
    else one(quote(character));
  }
  return tokens;
}

/** A `]` right after the opening bracket (or its `!`) is an ordinary member. */
function closingBracket(pattern: readonly string[], open: number): number {
  const first = /[!^]/.test(pattern[open + 1] ?? '') ? open + 2 : open + 1;
  return pattern.indexOf(']', first + 1);
}

function bracket(content: readonly string[]): string {
  const negated = /[!^]/.test(content[0] ?? '');
  const members = negated ? content.slice(1) : content;
  let source = '';
  for (let at = 0; at < members.length; at++) {
    const [from = '', dash, to] = members.slice(at, at + 3);
    if (dash === '-' && to !== undefined) {
      // A reversed range matches nothing, and is an error in a regular expression.
      if (from <= to) source += `${quote(from)}-${quote(to)}`;
      at += 2;
    } else source += quote(from);
  }
  if (source === '') return negated ? '.' : '(?!)';
  return `[${negated ? '^' : ''}${source}]`;
}

function quote(character: string): string {
  return /[\w\s]/.test(character) || character > '\x7f'
    ? character
    : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
