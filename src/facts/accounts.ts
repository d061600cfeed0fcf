import { defineFact, type FactContext, partition } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { parseGroup, parsePasswd } from '../formats/passwd.ts';
import { attempt, CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { keyFilePatterns, readAuthorizedKeys } from './accounts/keys.ts';
import { maskedLine, passwordOf, readBackupHashes, readPasswordFile, unusedHashes } from './accounts/passwords.ts';
import { membershipOf, readSudoGrants, subjectsMeaning } from './accounts/sudo.ts';
import { agent } from './agent.ts';
import { sshServer } from './ssh-server.ts';

/** What the password field lets in. `usable`: a hash. `empty`: no password asked. `invalid`: matches nothing, yet not locked by `!` or `*`. */
export type PasswordState = 'usable' | 'empty' | 'locked' | 'invalid' | 'absent';

/** A file that holds public keys for an account. */
export interface AuthorizedKeysFile {
  readonly path: string;
  /** Lines with a key that opens a shell; cloud-init's forced "Please login as" lines do not count. */
  readonly keys: readonly Evidence[];
  /** Lines that only print a message and close. */
  readonly forcedNotices: readonly Evidence[];
}

export interface SudoGrant {
  /** Who gets it, as written: `azureuser`, `%wheel`. */
  readonly subject: string;
  readonly passwordless: boolean;
  readonly evidence: Evidence;
}

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  /** The shell opens a session: not nologin, false, sync, halt or shutdown. */
  readonly hasLoginShell: boolean;
  /** UID from UID_MIN (login.defs, 1000) up to 59999: made for a person. */
  readonly isHuman: boolean;
  /** Line in /etc/passwd; its text has the password field masked. */
  readonly evidence: Evidence;
  readonly password: { readonly state: PasswordState; readonly evidence: Evidence } | CouldNotRead;
  readonly authorizedKeys: readonly (AuthorizedKeysFile | CouldNotRead)[];
  /** Rules that name the account or one of its groups. */
  readonly sudo: readonly SudoGrant[];
}

export interface Accounts {
  readonly accounts: readonly Account[];
  readonly byName: ReadonlyMap<string, Account>;
  /** Directories below /home (and OS.HomeDir) that belong to no account. */
  readonly orphanedHomes: readonly Evidence[];
  /** Keys in homes without an account. */
  readonly orphanedKeys: readonly (AuthorizedKeysFile | CouldNotRead)[];
  /** Every grant of sudoers and its included files. */
  readonly sudoGrants: readonly SudoGrant[];
  /** Usable hashes in /etc/shadow- and /etc/passwd-, evidence masked. */
  readonly backupHashes: readonly Evidence[];
  /** Usable hashes in /etc/shadow that no login looks at: the account is missing, or passwd holds a password. */
  readonly unusedHashes: readonly Evidence[];
  /** All that could not be read; `unreadFor` has the same by what it leaves open. */
  readonly unread: readonly CouldNotRead[];
  readonly unreadFor: {
    readonly passwords: readonly CouldNotRead[];
    readonly keys: readonly CouldNotRead[];
    readonly sudo: readonly CouldNotRead[];
  };
}

const passwdPath = '/etc/passwd';
const mostAccounts = 10_000;
const noSession = /(?:^|\/)(?:nologin|false|sync|halt|shutdown)$/;
/** First and last number of accounts for people: `UID_MIN` of login.defs, and where systemd's own ranges begin. */
const usualUidMin = 1000;
const lastHumanUid = 59_999;

/** Accounts of the image with password state, keys and sudo rights. */
export const accounts = defineFact<Accounts>({
  id: 'accounts',
  description: 'Accounts joined from passwd, shadow, group, sudoers and authorized_keys.',
  reads: [
    passwdPath,
    '/etc/shadow',
    '/etc/shadow-',
    '/etc/group',
    '/etc/sudoers',
    '/etc/sudoers.d/*',
    '/etc/login.defs',
    '/home/*/.ssh/*',
  ],
  async compute(context) {
    const { rootFs } = context;
    const { entries } = parsePasswd(rootFs.readText(passwdPath) ?? '');
    if (entries.length > mostAccounts) throw new CouldNotRead(passwdPath, `names more than ${mostAccounts} accounts`);
    const passwords = readPasswordFile(rootFs);
    const groups = attempt(() => parseGroup(rootFs.readText('/etc/group') ?? '').entries);
    const membership = membershipOf(isCouldNotRead(groups) ? [] : groups);
    const sudo = readSudoGrants(rootFs);
    const patterns = await patternsOf(context);
    const uidMin = attempt(() => readUidMin(rootFs));

    const list = entries.map((entry): Account => {
      const { name, uid, gid, home, line } = entry;
      const shell = entry.shell || '/bin/sh';
      const subjects = subjectsMeaning(entry, membership);
      return {
        name,
        uid,
        gid,
        home,
        shell,
        hasLoginShell: !noSession.test(shell),
        isHuman: uid >= (isCouldNotRead(uidMin) ? usualUidMin : uidMin) && uid <= lastHumanUid,
        evidence: { path: passwdPath, line, text: maskedLine(entry) },
        password: passwordOf(entry, passwdPath, passwords),
        authorizedKeys: home.startsWith('/') ? readAuthorizedKeys(rootFs, entry, patterns) : [],
        sudo: sudo.grants.filter(({ subject }) => subjects.has(subject)),
      };
    });

    const backups = partition<Evidence>(readBackupHashes(rootFs));
    const homes = (await homeDirectories(context)).map((path) => attempt(() => orphansIn(rootFs, path, list)));
    const orphanedHomes = homes.flatMap((found) => (isCouldNotRead(found) ? [] : found));
    const orphanedKeys = orphanedHomes.flatMap(({ path }) =>
      readAuthorizedKeys(rootFs, { name: path.slice(path.lastIndexOf('/') + 1), home: path }, patterns),
    );
    const unreadFor: Accounts['unreadFor'] = {
      passwords: [passwords.fields, ...backups.unread].filter(isCouldNotRead),
      keys: [patterns, ...homes].filter(isCouldNotRead),
      sudo: [groups, ...sudo.unread].filter(isCouldNotRead),
    };
    return {
      accounts: list,
      byName: new Map(list.toReversed().map((account) => [account.name, account])),
      orphanedHomes,
      orphanedKeys,
      sudoGrants: sudo.grants,
      backupHashes: backups.read,
      unusedHashes: unusedHashes(passwords, new Map(entries.toReversed().map((entry) => [entry.name, entry]))),
      unread: [...unreadFor.passwords, ...unreadFor.keys, ...unreadFor.sudo, uidMin].filter(isCouldNotRead),
      unreadFor,
    };
  },
});

/** An SSH server of which nothing can be seen leaves the usual places for keys, and a note that others are possible. */
async function patternsOf(context: FactContext): Promise<readonly string[] | CouldNotRead> {
  try {
    return keyFilePatterns((await context.get(sshServer)).configuration);
  } catch (error) {
    if (isCouldNotRead(error)) return error;
    throw error;
  }
}

async function homeDirectories(context: FactContext): Promise<readonly string[]> {
  const { configuration } = await context.get(agent);
  const configured = 'string' in configuration ? configuration.string('OS.HomeDir').value : undefined;
  return [...new Set(['/home', configured?.replace(/(?<=.)\/+$/, '') || '/home'])];
}

/** Directories that are no home of an account and hold none. */
function orphansIn(rootFs: RootFs, directory: string, list: readonly Account[]): readonly Evidence[] {
  if (rootFs.stat(directory)?.type !== 'directory') return [];
  const homes = list.map(({ home }) => `${home.replace(/\/+$/, '')}/`);
  return (rootFs.readDir(directory) ?? [])
    .filter(({ name, type }) => type === 'directory' && name !== 'lost+found' && !name.startsWith('.'))
    .map(({ name }) => `${directory}/${name}`)
    .filter((path) => !homes.some((home) => home.startsWith(`${path}/`)))
    .map((path) => ({ path }));
}

/** `getdef_ulong` of shadow-utils: the last line wins, numbers as strtoul(3) reads them. */
function readUidMin(rootFs: RootFs): number {
  const text = rootFs.readText('/etc/login.defs') ?? rootFs.readText('/usr/etc/login.defs') ?? '';
  const written = [...text.matchAll(/^[ \t]*UID_MIN[ \t]+"?(\d+)/gm)].at(-1)?.[1];
  return written === undefined ? usualUidMin : Number(written);
}
