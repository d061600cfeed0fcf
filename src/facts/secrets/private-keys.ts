import { privateKeyLine } from '../../formats/secret-text.ts';
import { attempt, CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { Secret } from '../secrets.ts';
import { readHead } from './read-head.ts';

/** Deep enough for /etc/letsencrypt/archive/NAME and /opt/PRODUCT/conf/tls/private. */
const deepestDirectory = 5;
const mostDirectories = 5000;
const mostPackages = 10_000;

const candidate = /\.(?:pem|key)$|(?:^|[._-])(?:key|rsa|ecdsa|ed25519)$/i;
/**
 * Not searched: bundles of public certificates, keys that another rule judges (host keys, registrations), RHUI's client
 * keys, and test keys that come with documentation and language packages.
 */
const skippedDirectory =
  /^\/etc\/(?:ssl\/certs|ca-certificates|pki\/(?:ca-trust|rhui|consumer|entitlement|rpm-gpg)|ssh|alternatives|selinux)$|\/(?:docs?|examples?|tests?|testdata|fixtures|site-packages|dist-packages|node_modules|gems|\.git)$/;
/** Made by packages while they are installed, for a host name that nobody trusts. */
const knownLookalike = /\/(?:ssl-cert-snakeoil\.key|localhost\.key|0-self-signed\.key)$/;

/** Private keys by their PEM header that no Debian package owns; who owns a file on other systems is not looked up. */
export function findPrivateKeys(rootFs: RootFs, tops: readonly string[]): readonly (Secret | CouldNotRead)[] {
  const readings = tops.flatMap((top) => [...candidatesBelow(rootFs, top)]);
  const keys = readings.flatMap((reading): (Secret | CouldNotRead)[] => {
    const head = isCouldNotRead(reading) ? reading : readHead(rootFs, reading);
    if (isCouldNotRead(head)) return [head];
    const line = head === undefined ? undefined : privateKeyLine(head);
    if (line === undefined || isCouldNotRead(reading)) return [];
    return [{ kind: 'private-key', what: 'a private key', evidence: { path: reading, line } }];
  });
  const paths = keys.flatMap((key) => (isCouldNotRead(key) ? [] : [key.evidence.path]));
  const { owned, unread } = ownedByPackages(rootFs, new Set(paths));
  const loose = keys.filter((key) => isCouldNotRead(key) || !owned.has(key.evidence.path));
  // A list that could not be read may name any of them.
  return unread.length > 0 ? [...loose.filter(isCouldNotRead), ...unread] : loose;
}

/** Reads directories only; links lead to files that are met elsewhere. */
function* candidatesBelow(rootFs: RootFs, top: string): Generator<string | CouldNotRead> {
  const queue = [{ directory: top, depth: 1 }];
  for (const [index, { directory, depth }] of queue.entries()) {
    if (index >= mostDirectories) {
      yield new CouldNotRead(top, `holds more than ${mostDirectories} directories`);
      return;
    }
    const entries = attempt(() => (rootFs.stat(directory)?.type === 'directory' ? rootFs.readDir(directory) : []));
    if (isCouldNotRead(entries)) yield entries;
    else {
      for (const { name, type } of entries ?? []) {
        const path = `${directory}/${name}`;
        if (type === 'directory' && depth < deepestDirectory && !skippedDirectory.test(path)) {
          queue.push({ directory: path, depth: depth + 1 });
        } else if (type === 'file' && candidate.test(name) && !knownLookalike.test(path)) yield path;
      }
    }
  }
}

/** Looks into dpkg's lists of files; they are read only when there is something to look up. */
function ownedByPackages(
  rootFs: RootFs,
  paths: ReadonlySet<string>,
): { readonly owned: ReadonlySet<string>; readonly unread: readonly CouldNotRead[] } {
  const owned = new Set<string>();
  const unread: CouldNotRead[] = [];
  if (paths.size === 0) return { owned, unread };
  const info = '/var/lib/dpkg/info';
  const entries = attempt(() => (rootFs.stat(info)?.type === 'directory' ? rootFs.readDir(info) : []));
  if (isCouldNotRead(entries)) return { owned, unread: [entries] };
  for (const { name } of (entries ?? []).filter((entry) => entry.name.endsWith('.list')).slice(0, mostPackages)) {
    const list = attempt(() => rootFs.readText(`${info}/${name}`));
    if (isCouldNotRead(list)) unread.push(list);
    if (list === undefined || isCouldNotRead(list)) continue;
    for (const path of paths) if (list.includes(`${path}\n`)) owned.add(path);
    if (owned.size === paths.size) return { owned, unread: [] };
  }
  return { owned, unread };
}
