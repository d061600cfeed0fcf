import { credentialFiles, lineMatching, privateKeyLine } from '../../formats/secret-text.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { Accounts } from '../accounts.ts';
import { expandGlob } from '../expand-glob.ts';
import type { Secret } from '../secrets.ts';
import { readHead } from './read-head.ts';

const keyFile = /^id_[^.]+$|\.(?:pem|key|ppk)$/i;

/** /root, everything below /home, homes of people elsewhere, and the homes of services that have an `.ssh`. */
export function homesWithSecrets(rootFs: RootFs, { accounts, orphanedHomes }: Accounts): readonly string[] {
  const people = accounts.filter(({ uid, isHuman, home }) => (uid === 0 || isHuman) && home.length > 1);
  const homes = ['/root', ...people.map(({ home }) => home), ...orphanedHomes.map(({ path }) => path)];
  const services = attempt(() => expandGlob(rootFs, '/var/lib/*/.ssh').map((path) => path.replace(/\/\.ssh$/, '')));
  const all = [...homes, ...(isCouldNotRead(services) ? [] : services)].map((home) => home.replace(/\/+$/, ''));
  return [...new Set(all)].filter((home) => home !== '');
}

export function findInHomes(rootFs: RootFs, homes: readonly string[]): readonly (Secret | CouldNotRead)[] {
  return homes.flatMap((home) => [
    ...keysIn(rootFs, `${home}/.ssh`, () => true),
    ...keysIn(rootFs, home, (name) => keyFile.test(name)),
    ...credentialsIn(rootFs, home),
    ...tracesIn(rootFs, home),
  ]);
}

function keysIn(rootFs: RootFs, directory: string, isCandidate: (name: string) => boolean): (Secret | CouldNotRead)[] {
  const entries = attempt(() => (rootFs.stat(directory)?.type === 'directory' ? rootFs.readDir(directory) : []));
  if (isCouldNotRead(entries)) return [entries];
  return (entries ?? [])
    .filter(({ name, type }) => type === 'file' && isCandidate(name))
    .flatMap(({ name }) => inFile(rootFs, `${directory}/${name}`, 'user-key', 'a private key', privateKeyLine));
}

function credentialsIn(rootFs: RootFs, home: string): (Secret | CouldNotRead)[] {
  return credentialFiles.flatMap(({ path, what, line }) => {
    const files = attempt(() => expandGlob(rootFs, path, home));
    if (isCouldNotRead(files)) return [files];
    return files.flatMap((file) => inFile(rootFs, file, 'credential', what, (text) => lineMatching(text, line)));
  });
}

function tracesIn(rootFs: RootFs, home: string): (Secret | CouldNotRead)[] {
  const signedIn = (text: string) => lineMatching(text, /"tenantId"\s*:/);
  return [
    ...inFile(rootFs, `${home}/.azure/azureProfile.json`, 'profile', 'the subscriptions of an Azure login', signedIn),
    ...inFile(rootFs, `${home}/.ssh/known_hosts`, 'known-hosts', 'keys of servers that were visited', lineMatching),
  ];
}

function inFile(
  rootFs: RootFs,
  path: string,
  kind: Secret['kind'],
  what: string,
  find: (text: string) => number | undefined,
): (Secret | CouldNotRead)[] {
  const head = readHead(rootFs, path);
  if (isCouldNotRead(head)) return [head];
  const line = head === undefined ? undefined : find(head);
  return line === undefined ? [] : [{ kind, what, evidence: { path, line } }];
}
