import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { CouldNotRead } from '../image/could-not-read.ts';

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
  /** Usable hashes in /etc/shadow-, evidence masked. */
  readonly backupHashes: readonly Evidence[];
  readonly unread: readonly CouldNotRead[];
}

/** Accounts of the image with password state, keys and sudo rights. */
export const accounts = defineFact<Accounts>({
  id: 'accounts',
  description: 'Accounts joined from passwd, shadow, group, sudoers and authorized_keys.',
  reads: ['/etc/passwd', '/etc/shadow', '/etc/group', '/etc/sudoers', '/etc/sudoers.d/*', '/etc/login.defs', '/home/*/.ssh/*'],
  compute() {
    throw new Error('accounts is not written yet');
  },
});
