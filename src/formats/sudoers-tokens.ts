/** A token of sudoers outside of includes, Defaults and the aliases that are skipped. */
export interface Token {
  readonly kind: 'word' | 'command' | 'tag' | 'option' | 'mark' | 'unknown';
  readonly text: string;
}

const tags = /(?:NO)?(?:PASSWD|EXEC|INTERCEPT|SETENV|LOG_INPUT|LOG_OUTPUT|MAIL|FOLLOW)(?=[ \t]*:)/y;
const option =
  /(?:CWD|CHROOT|TIMEOUT|NOTBEFORE|NOTAFTER|ROLE|TYPE|APPARMOR_PROFILE)[ \t]*=[ \t]*(?:"[^"\n]*"|(?:\\[^\n]|[^ \t\r\n,\\"])+)/y;
const digest = /sha(?:224|256|384|512)[ \t]*:[ \t]*[A-Za-z0-9+/=]+(?:[ \t]*,(?=[ \t]*sha\d))?/y;
const word = /"(?:[^"\r\n\\]|\\[^\n])+"|(?:%:?|\+)?(?:#-?\d+|(?:[^#>!=:,() \t\r\n\\"]|\\[^\t\n])+)/y;
const command = /(?:\/(?:\\[,:= \t#]|[^,:=\\ \t\r\n#])*|\^(?:[^#\r\n$]|\\[#$])*\$|sudoedit\b|list\b)/y;
const commandArguments = /(?:\\[ \t]*\r?\n|\\[^\r\n]|[ \t]|[^#\\:, \t\r\n]+)*/y;
const continuation = /\\[ \t]*\r?\n/y;
const comment = /#(?!-?\d)[^\n]*/y;

/** Tokens up to the end of the logical line, as toke.l of sudo finds them; `end` is where the next line starts. */
export function tokenize(text: string, from: number): { tokens: readonly Token[]; end: number } {
  const tokens: Token[] = [];
  let at = from;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  while (at < text.length) {
    const character = text[at] ?? '';
    if (character === '\n') return { tokens, end: at + 1 };
    if (character === '\r' && text[at + 1] === '\n') return { tokens, end: at + 2 };
    if (character === ' ' || character === '\t') at++;
    else if (match(continuation) !== undefined || match(comment) !== undefined || match(digest) !== undefined) continue;
    else {
      const tag = match(tags);
      if (tag !== undefined) {
        at = text.indexOf(':', at) + 1;
        tokens.push({ kind: 'tag', text: tag });
        continue;
      }
      const setting = match(option);
      if (setting !== undefined) {
        tokens.push({ kind: 'option', text: setting });
        continue;
      }
      const program = match(command);
      if (program !== undefined) {
        if (!program.endsWith('/')) match(commandArguments);
        tokens.push({ kind: 'command', text: program });
        continue;
      }
      const name = match(word);
      if (name !== undefined) tokens.push({ kind: 'word', text: unquote(name) });
      else tokens.push({ kind: '!=:,()'.includes(character) ? 'mark' : 'unknown', text: text[at++] ?? '' });
    }
  }
  return { tokens, end: at };
}

/** The text without quotes and backslashes; the mark of a group or netgroup stays. */
export function unquote(text: string): string {
  return text.replace(/^"(.*)"$/s, '$1').replace(/\\([^\n])/g, '$1');
}
