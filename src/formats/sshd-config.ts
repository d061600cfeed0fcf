import type { Problem } from './problem.ts';

/** One directive of an sshd_config, in file order. */
export type SshdDirective =
  /** `keyword` is lower-case and the current name of the option; older spellings are translated. */
  | {
      readonly kind: 'option';
      readonly keyword: string;
      readonly args: readonly string[];
      readonly line: number;
      readonly text: string;
    }
  /** Patterns of glob(3), absolute: relative ones are taken from /etc/ssh. */
  | { readonly kind: 'include'; readonly patterns: readonly string[]; readonly line: number; readonly text: string }
  /** What follows, up to the next Match or the end of the file, holds for some connections only, or for `all`. */
  | { readonly kind: 'match'; readonly all: boolean; readonly line: number; readonly text: string };

export interface SshdConfig {
  readonly directives: readonly SshdDirective[];
  readonly problems: readonly Problem[];
}

/** Where sshd looks for relative includes (`SSHDIR`). */
const sshDirectory = '/etc/ssh';

/** Older spellings that share an option with a current keyword (table `keywords` of servconf.c). */
const renamed: ReadonlyMap<string, string> = new Map([
  ['challengeresponseauthentication', 'kbdinteractiveauthentication'],
  ['skeyauthentication', 'kbdinteractiveauthentication'],
  ['dsaauthentication', 'pubkeyauthentication'],
  ['hostdsakey', 'hostkey'],
  ['keepalive', 'tcpkeepalive'],
  ['pubkeyacceptedkeytypes', 'pubkeyacceptedalgorithms'],
  ['hostbasedacceptedkeytypes', 'hostbasedacceptedalgorithms'],
]);

/**
 * Reads an sshd_config as `load_server_config` and `process_server_config_line_depth` of OpenSSH's servconf.c do.
 * Includes stay tokens: only the image knows which files they name.
 */
export function parseSshdConfig(text: string): SshdConfig {
  const directives: SshdDirective[] = [];
  const problems: Problem[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = index + 1;
    const [keyword, rest] = splitKeyword(cString(raw));
    if (keyword === undefined || keyword === '' || keyword.startsWith('#')) return;
    const args = rest === '' ? [] : splitArguments(rest);
    const directive = { line, text: raw.trim() };
    if (args === undefined) {
      problems.push({ line, message: 'a quote is not closed: sshd refuses the whole configuration' });
    } else if (args.length === 0) {
      problems.push({ line, message: `${keyword} has no argument: sshd refuses the whole configuration` });
    } else if (keyword.toLowerCase() === 'match') {
      const all = args.length === 1 && args[0]?.toLowerCase() === 'all';
      directives.push({ kind: 'match', all, ...directive });
    } else if (keyword.toLowerCase() === 'include') {
      const patterns = args.map((arg) => (/^[/~]/.test(arg) ? arg : `${sshDirectory}/${arg}`));
      directives.push({ kind: 'include', patterns, ...directive });
    } else {
      const name = keyword.toLowerCase();
      directives.push({ kind: 'option', keyword: renamed.get(name) ?? name, args, ...directive });
    }
  });
  return { directives, problems };
}

/** Seconds of a time such as `180`, `3m` or `1h30m`; undefined when sshd refuses it (`convtime` of misc.c). */
export function parseSshTime(text: string): number | undefined {
  if (!/^(?:\d+[smhdw]?)+$/i.test(text)) return undefined;
  const unit: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
  let seconds = 0;
  for (const [, digits, letter] of text.matchAll(/(\d+)([smhdw]?)/gi)) {
    seconds += Number(digits) * (unit[letter?.toLowerCase() ?? ''] ?? 1);
  }
  return seconds <= 0x7fff_ffff ? seconds : undefined;
}

/** C strings end at a NUL. Leading blanks go first, trailing ones and form feeds later, as in servconf.c. */
function cString(raw: string): string {
  return (raw.split('\0', 1)[0] ?? '').replace(/^[ \t\r]+/, '').replace(/[ \t\r\n\f]+$/, '');
}

/** `strdelim` of misc.c: the first word ends at blanks, at a quote or at one `=`. */
function splitKeyword(text: string): [keyword: string | undefined, rest: string] {
  const [word, rest] = delimit(text);
  return word === '' ? delimit(rest) : [word, rest];
}

function delimit(text: string): [word: string | undefined, rest: string] {
  const end = text.search(/[ \t\r\n"=]/);
  if (end < 0) return [text, ''];
  if (text[end] === '"') {
    const close = text.indexOf('"', end + 1);
    if (close < 0) return [undefined, ''];
    return [text.slice(0, end) + text.slice(end + 1, close), text.slice(close + 1).replace(/^[ \t\r\n]+/, '')];
  }
  const after = text.slice(end + 1).replace(/^[ \t\r\n]+/, '');
  const skipsEquals = text[end] !== '=' && after.startsWith('=');
  return [text.slice(0, end), skipsEquals ? after.slice(1).replace(/^[ \t\r\n]+/, '') : after];
}

/** `argv_split` of misc.c with comments ending the line; undefined for an open quote. */
function splitArguments(text: string): string[] | undefined {
  const args: string[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === ' ' || text[i] === '\t') continue;
    if (text[i] === '#') break;
    let word = '';
    let quote = '';
    for (; i < text.length; i++) {
      const character = text[i] ?? '';
      const next = text[i + 1] ?? '';
      if (character === '\\' && (next === "'" || next === '"' || next === '\\' || (quote === '' && next === ' '))) {
        word += next;
        i++;
      } else if (quote === '' && (character === ' ' || character === '\t')) break;
      else if (quote === '' && (character === '"' || character === "'")) quote = character;
      else if (quote !== '' && character === quote) quote = '';
      else word += character;
    }
    if (quote !== '') return undefined;
    args.push(word);
  }
  return args;
}
