import type { Problem } from './problem.ts';

/** One file system, swap area or bind mount of fstab, with escapes decoded. */
export interface FstabEntry {
  /** First field as written: a path, `UUID=…`, `LABEL=…`, `none`. */
  readonly device: string;
  readonly mountPoint: string;
  readonly type: string;
  /** Split at commas outside double quotes; empty when the fourth field is missing. */
  readonly options: readonly string[];
  readonly dump: number;
  /** Order of the file system check; 0 checks nothing. */
  readonly pass: number;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

export interface Fstab {
  readonly entries: readonly FstabEntry[];
  readonly problems: readonly Problem[];
}

const INTEGER = /^[+-]?\d+$/;

/**
 * fstab(5) as libmount reads it (`mnt_table_parse_next`, `mnt_parse_table_line`): a line that it rejects is no entry,
 * `#` is a comment only as the first non-blank, options, dump and pass may be left out, text behind the sixth field is
 * ignored.
 */
export function parseFstab(text: string): Fstab {
  const entries: FstabEntry[] = [];
  const problems: Problem[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    const content = raw.replace(/\r$/, '').replace(/^[ \t]+/, '');
    if (content === '' || content.startsWith('#')) continue;

    const [device = '', mountPoint, type, options = '', dump = '0', pass = '0'] = content
      .replace(/[ \t]+$/, '')
      .split(/[ \t]+/);
    if (mountPoint === undefined || type === undefined) {
      problems.push({ line, message: 'fewer than three fields, so mount ignores the line' });
      continue;
    }
    if (!INTEGER.test(dump) || !INTEGER.test(pass)) {
      const what = options.startsWith('#')
        ? 'a # behind the fields begins no comment'
        : 'the fifth or sixth field is not a number';
      problems.push({ line, message: `${what}, so mount ignores the line` });
      continue;
    }
    entries.push({
      device: decodeOctal(device),
      mountPoint: decodeOctal(mountPoint),
      type: decodeOctal(type),
      options: splitMountOptions(decodeOctal(options)),
      dump: Number(dump) | 0,
      pass: Number(pass) | 0,
      line,
      text: raw,
    });
  }
  return { entries, problems };
}

/**
 * Options of a mount as libmount separates them (`ul_optstr_next`): a comma inside double quotes or behind a backslash
 * does not separate, empty options vanish.
 */
export function splitMountOptions(text: string): string[] {
  const options: string[] = [];
  let current = '';
  let quoted = false;
  for (const [index, character] of [...text].entries()) {
    if (character === '"') quoted = !quoted;
    if (character === ',' && !quoted && (index === 0 || !current.endsWith('\\'))) {
      options.push(current);
      current = '';
    } else {
      current += character;
    }
  }
  options.push(current);
  return options.filter((option) => option !== '');
}

/** `\040` and the like (`unmangle_to_buffer`). Bytes above 127 come in runs, which are UTF-8. */
function decodeOctal(field: string): string {
  if (!field.includes('\\')) return field;
  return field.replace(/(?:\\[0-7]{3})+/g, (run) => {
    const bytes = run
      .slice(1)
      .split('\\')
      .map((digits) => Number.parseInt(digits, 8) & 0xff);
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array(bytes));
  });
}
