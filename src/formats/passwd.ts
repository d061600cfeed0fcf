import type { Problem } from './problem.ts';

/** A line of passwd(5). */
export interface PasswdEntry {
  readonly name: string;
  readonly password: string;
  readonly uid: number;
  readonly gid: number;
  readonly gecos: string;
  readonly home: string;
  /** Empty means /bin/sh. */
  readonly shell: string;
  readonly line: number;
}

/** A line of shadow(5); the days are of no interest. */
export interface ShadowEntry {
  readonly name: string;
  readonly password: string;
  readonly line: number;
}

/** A line of group(5). */
export interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
  readonly line: number;
}

export interface Records<T> {
  readonly entries: readonly T[];
  readonly problems: readonly Problem[];
}

/** passwd as glibc's `files` service reads it (nss/fgetpwent_r.c, nss/nss_parse_line.h): bad lines are skipped. */
export function parsePasswd(text: string): Records<PasswdEntry> {
  return parseRecords(text, (fields, line) => {
    const name = fields.text();
    const password = fields.text();
    const uid = fields.number();
    const gid = uid === undefined ? undefined : fields.number();
    if (uid === undefined || gid === undefined) return undefined;
    return { name, password, uid, gid, gecos: fields.text(), home: fields.text(), shell: fields.rest(), line };
  });
}

/** shadow as `__sgetspent_r` of glibc reads it: name, password and the three oldest of the day fields must be there. */
export function parseShadow(text: string): Records<ShadowEntry> {
  return parseRecords(text, (fields, line) => {
    const entry = { name: fields.text(), password: fields.text(), line };
    for (let i = 0; i < 3; i++) if (!fields.optionalNumber()) return undefined;
    fields.skipBlanks();
    if (fields.atEnd()) return entry;
    for (let i = 0; i < 3; i++) if (!fields.optionalNumber()) return undefined;
    fields.looseNumber();
    return fields.atEnd() ? entry : undefined;
  });
}

/** group as `fgetgrent_r` of glibc reads it. */
export function parseGroup(text: string): Records<GroupEntry> {
  return parseRecords(text, (fields, line) => {
    const name = fields.text();
    fields.text();
    const gid = fields.number();
    if (gid === undefined) return undefined;
    const members = fields
      .rest()
      .split(',')
      .map((member) => member.replace(/^[ \t\n\v\f\r]+/, ''))
      .filter((member) => member !== '');
    return { name, gid, members, line };
  });
}

function parseRecords<T>(text: string, read: (fields: Fields, line: number) => T | undefined): Records<T> {
  const entries: T[] = [];
  const problems: Problem[] = [];
  text.split('\n').forEach((raw, index) => {
    const content = (raw.split('\0', 1)[0] ?? '').replace(/^[ \t\v\f\r]+/, '');
    if (content === '' || content.startsWith('#')) return;
    const line = index + 1;
    if (content.startsWith('+') || content.startsWith('-')) {
      problems.push({ line, message: 'a line of NIS compatibility mode, which the usual "files" lookup passes over' });
      return;
    }
    const entry = read(fieldsOf(content), line);
    if (entry === undefined) problems.push({ line, message: 'a field is missing or no number: glibc skips the line' });
    else entries.push(entry);
  });
  return { entries, problems };
}

/** Reads one line field by field, with the macros of glibc's nss/nss_files/files-parse.c for methods. */
interface Fields {
  /** STRING_FIELD: up to the next colon, or to the end. */
  text(): string;
  /** INT_FIELD: decimal digits that a colon or the end follows. */
  number(): number | undefined;
  /** INT_FIELD_MAYBE_NULL: as `number`, may be empty, but something must be left of the line. */
  optionalNumber(): boolean;
  /** The flag of shadow: digits, if any, and nothing is required to follow. */
  looseNumber(): void;
  skipBlanks(): void;
  rest(): string;
  atEnd(): boolean;
}

function fieldsOf(content: string): Fields {
  let left = content;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    const match = pattern.exec(left) ?? undefined;
    if (match) left = left.slice(match[0].length);
    return match;
  };
  return {
    text: () => take(/^([^:]*):?/)?.[1] ?? '',
    number() {
      const digits = take(/^[ \t\v\f\r]*([+-]?\d+)(?::|$)/)?.[1];
      return digits === undefined ? undefined : toUint32(digits);
    },
    optionalNumber() {
      if (left === '') return false;
      const field = take(/^([ \t\v\f\r]*[+-]?\d+)?(?::|$)/);
      return field !== undefined && (field[1] === undefined || toUint32(field[1]) !== undefined);
    },
    looseNumber: () => void take(/^[ \t\v\f\r]*[+-]?\d+/),
    skipBlanks: () => void take(/^[ \t\v\f\r]*/),
    rest: () => take(/^.*/s)?.[0] ?? '',
    atEnd: () => left === '',
  };
}

/** `strtou32` of glibc; what does not fit into 32 bits is refused. */
function toUint32(digits: string): number | undefined {
  const value = Number(digits);
  return value >= 0 && value <= 0xffff_ffff ? Math.abs(value) : undefined;
}
