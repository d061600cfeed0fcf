/**
 * A test for one path component, with the wildcards of glob(3): `*`, `?`, `[…]` and backslash escapes. Like glob(3), a
 * wildcard at the start does not match a leading dot.
 */
export function globMatcher(pattern: string): (name: string) => boolean {
  const expression = new RegExp(`^${toRegExp(pattern)}$`, 'su');
  return (name) => (!name.startsWith('.') || /^\\?\./.test(pattern)) && expression.test(name);
}

export function hasWildcard(pattern: string): boolean {
  return /[*?[\\]/.test(pattern);
}

function toRegExp(pattern: string): string {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? '';
    const close = character === '[' ? closingBracket(pattern, at) : -1;
    if (character === '*') source += '.*';
    else if (character === '?') source += '.';
    else if (close > 0) {
      source += bracket(pattern.slice(at + 1, close));
      at = close;
    } else if (character === '\\' && at + 1 < pattern.length) source += quote(pattern[++at] ?? '');
    else source += quote(character);
  }
  return source;
}

/** A `]` right after the opening bracket (or its `!`) is an ordinary member. */
function closingBracket(pattern: string, open: number): number {
  const first = /[!^]/.test(pattern[open + 1] ?? '') ? open + 2 : open + 1;
  return pattern.indexOf(']', first + 1);
}

function bracket(content: string): string {
  const negated = /^[!^]/.test(content);
  const members = [...(negated ? content.slice(1) : content)];
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
