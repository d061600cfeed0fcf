import type { Evidence } from '../../engine/model.ts';
import { classifyCryptHash, maskCryptHash } from '../../formats/crypt-hash.ts';
import { type PasswdEntry, parsePasswd, parseShadow } from '../../formats/passwd.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { Account, PasswordState } from '../accounts.ts';

interface Field {
  readonly name: string;
  readonly password: string;
  readonly line: number;
}

/** The file of password hashes: path and lines, or why there are none. */
interface PasswordFile {
  readonly path: string;
  readonly fields: ReadonlyMap<string, Field> | CouldNotRead | undefined;
}

/** /etc/shadow, or BSD's /etc/master.passwd, of which the first line of a name counts. */
export function readPasswordFile(rootFs: RootFs): PasswordFile {
  const path = ['/etc/shadow', '/etc/master.passwd'].find(
    (candidate) => attempt(() => rootFs.stat(candidate)) !== undefined,
  );
  if (path === undefined) return { path: '/etc/shadow', fields: undefined };
  const fields = attempt(() => readFields(rootFs, path));
  return { path, fields: isCouldNotRead(fields) ? fields : firstByName(fields) };
}

/** What pam_unix goes by (`get_account_info` of passverify.c): shadow when passwd says `x`, else the field in passwd. */
export function passwordOf(entry: PasswdEntry, passwdPath: string, file: PasswordFile): Account['password'] {
  if (!isShadowed(entry)) {
    return { state: stateOf(entry.password), evidence: fieldEvidence(passwdPath, entry) };
  }
  if (isCouldNotRead(file.fields)) return file.fields;
  const field = file.fields?.get(entry.name);
  if (!field) return { state: 'absent', evidence: fieldEvidence(passwdPath, entry) };
  return { state: stateOf(field.password), evidence: fieldEvidence(file.path, field) };
}

/** Hashes on lines that no login looks at: no such account, or passwd holds a password of its own. */
export function unusedHashes(file: PasswordFile, entries: ReadonlyMap<string, PasswdEntry>): readonly Evidence[] {
  if (file.fields === undefined || isCouldNotRead(file.fields)) return [];
  return [...file.fields.values()]
    .toSorted((a, b) => a.line - b.line)
    .filter(({ name }) => {
      const entry = entries.get(name);
      return !entry || !isShadowed(entry);
    })
    .filter(({ password }) => stateOf(password) === 'usable')
    .map((field) => fieldEvidence(file.path, field));
}

/** Usable hashes in the copies that the shadow tools keep. */
export function readBackupHashes(rootFs: RootFs): readonly (Evidence | CouldNotRead)[] {
  return ['/etc/shadow-', '/etc/passwd-'].flatMap((path): (Evidence | CouldNotRead)[] => {
    const fields = attempt(() => readFields(rootFs, path));
    if (isCouldNotRead(fields)) return [fields];
    return fields.filter(({ password }) => stateOf(password) === 'usable').map((field) => fieldEvidence(path, field));
  });
}

export function maskedLine(entry: PasswdEntry): string {
  const { name, password, uid, gid, gecos, home, shell } = entry;
  return [name, maskCryptHash(password), uid, gid, gecos, home, shell].join(':');
}

function readFields(rootFs: RootFs, path: string): readonly Field[] {
  const text = rootFs.readText(path) ?? '';
  return /passwd-?$/.test(path) ? parsePasswd(text).entries : parseShadow(text).entries;
}

function firstByName(fields: readonly Field[]): ReadonlyMap<string, Field> {
  return new Map(fields.toReversed().map((field) => [field.name, field]));
}

function isShadowed({ password }: PasswdEntry): boolean {
  return password === 'x' || password.startsWith('##');
}

/** A lone `x` is what tools write for "elsewhere": it locks as well as `*` does. */
function stateOf(password: string): PasswordState {
  return password === 'x' ? 'locked' : classifyCryptHash(password);
}

function fieldEvidence(path: string, { name, password, line }: Field): Evidence {
  return { path, line, text: `${name}:${maskCryptHash(password)}` };
}
