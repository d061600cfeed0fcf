import { parseAuthorizedKeys } from '../../formats/authorized-keys.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { AuthorizedKeysFile } from '../accounts.ts';
import type { SshServerConfiguration } from '../ssh-server.ts';

interface KeyOwner {
  readonly name: string;
  readonly home: string;
  /** Unknown for a home that belongs to no account. */
  readonly uid?: number;
}

const usualPatterns: readonly string[] = ['.ssh/authorized_keys', '.ssh/authorized_keys2'];

/** Patterns of `AuthorizedKeysFile`; without any, what sshd is built with. */
export function keyFilePatterns(configuration: SshServerConfiguration): readonly string[] | CouldNotRead {
  const setting = attempt(() => configuration.first('AuthorizedKeysFile'));
  if (isCouldNotRead(setting)) return setting;
  if (!setting) return usualPatterns;
  return setting.args.length === 1 && setting.args[0]?.toLowerCase() === 'none' ? [] : setting.args;
}

/** The owner's files of public keys, as `expand_authorized_keys` of OpenSSH's auth.c names them. Absent ones are left out. */
export function readAuthorizedKeys(
  rootFs: RootFs,
  owner: KeyOwner,
  patterns: readonly string[] | CouldNotRead,
): readonly (AuthorizedKeysFile | CouldNotRead)[] {
  const paths = (isCouldNotRead(patterns) ? usualPatterns : patterns).flatMap((pattern) => expand(pattern, owner));
  return [...new Set(paths)].flatMap((path) => {
    const file = attempt(() => (rootFs.stat(path)?.type === 'directory' ? undefined : readKeys(rootFs, path)));
    return file === undefined ? [] : [file];
  });
}

/** A pattern that needs a number is of no use for a home without an account. */
function expand(pattern: string, { name, home, uid }: KeyOwner): readonly string[] {
  if (uid === undefined && /%U/.test(pattern)) return [];
  const values: Readonly<Record<string, string>> = { '%h': home, '%u': name, '%U': String(uid), '%%': '%' };
  const path = pattern.replace(/%[huU%]/g, (token) => values[token] ?? token);
  return [path.startsWith('/') ? path : `${home.replace(/\/$/, '')}/${path}`];
}

/** The key itself is cut out of the evidence: its owner's comment is what helps. */
function readKeys(rootFs: RootFs, path: string): AuthorizedKeysFile | undefined {
  const text = rootFs.readText(path);
  if (text === undefined) return undefined;
  const lines = parseAuthorizedKeys(text).map(({ type, comment, forcedNotice, line }) => ({
    forcedNotice,
    evidence: { path, line, text: [type, '***', comment].filter((part) => part !== '').join(' ') },
  }));
  return {
    path,
    keys: lines.filter(({ forcedNotice }) => !forcedNotice).map(({ evidence }) => evidence),
    forcedNotices: lines.filter(({ forcedNotice }) => forcedNotice).map(({ evidence }) => evidence),
  };
}
