import type { GroupEntry } from '../../formats/passwd.ts';
import { parseSudoers, type SudoersStatement, type SudoersUser } from '../../formats/sudoers.ts';
import { attempt, CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { SudoGrant } from '../accounts.ts';

/** As many levels of includes as sudo follows (`MAX_SUDOERS_DEPTH` of toke.l). */
const deepestInclude = 128;
/** Caps on what one image can make the scan expand; a real sudoers has a few files and a few dozen statements. */
const mostFiles = 1000;
const mostStatements = 5000;
const mostGrants = 50_000;

export type Statement = SudoersStatement & { readonly path: string; readonly text: string };
type Defaults = Extract<Statement, { kind: 'defaults' }>;
type Grant = Extract<Statement, { kind: 'grant' }>;
/** `subjects` is filled in when an alias is first expanded; empty while that goes on, so that a loop ends. */
type Aliases = Map<string, { readonly members: readonly SudoersUser[]; subjects?: ReadonlySet<string> }>;

/** All statements but includes, in the order in which sudo takes them. */
export function readSudoersStatements(rootFs: RootFs): {
  statements: readonly Statement[];
  unread: CouldNotRead[];
} {
  const reading: Reading = { files: 0, statements: [], unread: [] };
  const base = ['/etc/sudoers', '/usr/etc/sudoers'].find((path) => attempt(() => rootFs.stat(path)) !== undefined);
  if (base !== undefined) collect(rootFs, base, 0, reading);
  return reading;
}

/** Every right that sudoers gives, one per statement and subject, aliases expanded. */
export function readSudoGrants(rootFs: RootFs): { grants: readonly SudoGrant[]; unread: readonly CouldNotRead[] } {
  const { statements, unread } = readSudoersStatements(rootFs);
  const aliases: Aliases = new Map(
    statements.flatMap((statement) =>
      statement.kind === 'user-alias' ? [[statement.name, { members: statement.members }]] : [],
    ),
  );
  const authentication = statements.filter(
    (statement) => statement.kind === 'defaults' && statement.settings.some(({ name }) => name === 'authenticate'),
  ) as readonly Defaults[];
  const grants: SudoGrant[] = [];
  for (const statement of statements) {
    if (statement.kind === 'grant') grants.push(...grantsOf(statement, authentication, aliases));
    if (grants.length > mostGrants) {
      unread.push(new CouldNotRead(statement.path, `sudoers names more than ${mostGrants} users`));
      break;
    }
  }
  return { grants, unread };
}

/** The words by which sudoers can mean an account: itself, its number, everybody, or a group that it is in. */
export function subjectsMeaning(
  account: { readonly name: string; readonly uid: number; readonly gid: number },
  groups: Membership,
): ReadonlySet<string> {
  const own = [...(groups.byGid.get(account.gid) ?? []), ...(groups.byMember.get(account.name) ?? [])];
  const names = own.flatMap(({ name, gid }) => [`%${name}`, `%#${gid}`]);
  return new Set(['ALL', account.name, `#${account.uid}`, `%#${account.gid}`, ...names]);
}

interface Membership {
  readonly byGid: ReadonlyMap<number, readonly GroupEntry[]>;
  readonly byMember: ReadonlyMap<string, readonly GroupEntry[]>;
}

export function membershipOf(groups: readonly GroupEntry[]): Membership {
  const byGid = new Map<number, GroupEntry[]>();
  const byMember = new Map<string, GroupEntry[]>();
  const add = <K>(map: Map<K, GroupEntry[]>, key: K, group: GroupEntry) => {
    const known = map.get(key);
    if (known) known.push(group);
    else map.set(key, [group]);
  };
  for (const group of groups) {
    add(byGid, group.gid, group);
    for (const member of group.members) add(byMember, member, group);
  }
  return { byGid, byMember };
}

interface Reading {
  files: number;
  readonly statements: Statement[];
  readonly unread: CouldNotRead[];
}

function collect(rootFs: RootFs, path: string, depth: number, reading: Reading): void {
  const { statements, unread } = reading;
  if (depth > deepestInclude || ++reading.files > mostFiles) {
    if (unread.length < mostFiles) unread.push(new CouldNotRead(path, 'sudoers includes too many files'));
    return;
  }
  const text = attempt(() => rootFs.readText(path));
  if (isCouldNotRead(text)) unread.push(text);
  if (text === undefined || isCouldNotRead(text)) return;
  const lines = text.split('\n');
  for (const statement of parseSudoers(text).statements) {
    if (statements.length >= mostStatements) {
      unread.push(new CouldNotRead(path, `sudoers holds more than ${mostStatements} statements`));
      return;
    }
    if (statement.kind === 'include' || statement.kind === 'include-directory') {
      const target = statement.path.startsWith('/') ? statement.path : `${path.replace(/[^/]*$/, '')}${statement.path}`;
      const files = statement.kind === 'include' ? [target] : attempt(() => filesIn(rootFs, target));
      if (isCouldNotRead(files)) unread.push(files);
      else for (const file of files) collect(rootFs, file, depth + 1, reading);
    } else {
      statements.push({ ...statement, path, text: lines[statement.line - 1]?.trim() ?? '' });
    }
    if (reading.files > mostFiles) return;
  }
}

/** `read_dir_files` of toke.l: regular files, none with a dot in the name or a tilde at its end. */
function filesIn(rootFs: RootFs, directory: string): readonly string[] {
  if (rootFs.stat(directory)?.type !== 'directory') return [];
  return (rootFs.readDir(directory) ?? [])
    .filter(({ name }) => !name.includes('.') && !name.endsWith('~'))
    .map(({ name }) => `${directory.replace(/\/$/, '')}/${name}`)
    .filter((path) => {
      const status = attempt(() => rootFs.stat(path));
      return isCouldNotRead(status) || status?.type === 'file';
    });
}

function grantsOf(grant: Grant, authentication: readonly Defaults[], aliases: Aliases): readonly SudoGrant[] {
  if (grant.passwords.length === 0) return [];
  const evidence = { path: grant.path, line: grant.line, text: grant.text };
  return [...subjectsOf(grant.users, aliases)].slice(0, mostGrants + 1).map((subject) => {
    const asks = asksByDefault(subject, authentication);
    const passwordless = grant.passwords.some((tag) => tag === 'NOPASSWD' || (tag === 'default' && !asks));
    return { subject, passwordless, evidence };
  });
}

/** Members in order; a negated one takes away what stands before it. */
function subjectsOf(users: readonly SudoersUser[], aliases: Aliases): ReadonlySet<string> {
  const subjects = new Set<string>();
  for (const { name, negated } of users) {
    for (const subject of expand(name, aliases)) {
      if (negated) subjects.delete(subject);
      else subjects.add(subject);
    }
  }
  return subjects;
}

function expand(name: string, aliases: Aliases): ReadonlySet<string> {
  const alias = aliases.get(name);
  if (!alias) return new Set([name]);
  if (!alias.subjects) {
    alias.subjects = new Set();
    alias.subjects = subjectsOf(alias.members, aliases);
  }
  return alias.subjects;
}

/** `Defaults authenticate`, on unless switched off; the last setting that concerns the subject wins. */
function asksByDefault(subject: string, authentication: readonly Defaults[]): boolean {
  const concerned = ({ users }: Defaults) =>
    users === undefined || users.some(({ name, negated }) => !negated && (name === subject || name === 'ALL'));
  const settings = authentication.filter(concerned).flatMap((statement) => statement.settings);
  return !settings.findLast(({ name }) => name === 'authenticate')?.negated;
}
