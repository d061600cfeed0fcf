import { defineFact, partition } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { CouldNotRead } from '../image/could-not-read.ts';
import { accounts } from './accounts.ts';
import { findInHomes, homesWithSecrets } from './secrets/homes.ts';
import { findInstallerAnswers } from './secrets/installer-answers.ts';
import { findPrivateKeys } from './secrets/private-keys.ts';

/**
 * `user-key`: a private key in a home. `credential`: a file of passwords or tokens. `profile`: names the builder's
 * subscriptions. `private-key`: elsewhere, owned by no package. `installer-password`: answers for an unattended
 * installation. `known-hosts`: servers that the builder has visited.
 */
export type SecretKind = 'user-key' | 'credential' | 'profile' | 'private-key' | 'installer-password' | 'known-hosts';

export interface Secret {
  readonly kind: SecretKind;
  /** What the file holds, as a noun phrase. */
  readonly what: string;
  /** Without text: a secret is never repeated. */
  readonly evidence: Evidence;
}

export interface Secrets {
  readonly secrets: readonly Secret[];
  readonly unread: readonly CouldNotRead[];
}

/** Keys and credentials of the builder. Only the heads of files whose names make them candidates are read. */
export const secrets = defineFact<Secrets>({
  id: 'secrets',
  description: 'Private keys, credential files and installer passwords that whoever built the image left behind.',
  reads: ['/root/**', '/home/*/**', '/var/lib/*/.ssh/*', '/etc/**', '/opt/**', '/srv/**', '/var/log/installer/*'],
  async compute({ rootFs, get }) {
    const homes = homesWithSecrets(rootFs, await get(accounts));
    const readings = [
      ...findInHomes(rootFs, homes),
      ...findPrivateKeys(rootFs, ['/etc', '/opt', '/srv']),
      ...findInstallerAnswers(rootFs),
    ];
    const { read, unread } = partition<Secret>(readings);
    return { secrets: read.toSorted((a, b) => (a.evidence.path < b.evidence.path ? -1 : 1)), unread };
  },
});
