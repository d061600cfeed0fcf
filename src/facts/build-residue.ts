import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';

/** Files of one sort that a build leaves. */
export interface Residue {
  readonly kind: 'logs' | 'journal' | 'installation' | 'temporary' | 'cache' | 'crash' | 'random-seed';
  /** Files, largest first. */
  readonly files: readonly Evidence[];
  /** Bytes of all of them. */
  readonly size: number;
}

export interface BuildResidue {
  readonly residues: readonly Residue[];
  readonly unread: readonly CouldNotRead[];
}

type Kind = Residue['kind'];

const places: readonly (readonly [kind: Kind, path: string])[] = [
  ['logs', '/var/log'],
  ['journal', '/var/log/journal'],
  ['installation', '/var/log/anaconda'],
  ['installation', '/root/anaconda-ks.cfg'],
  ['installation', '/root/original-ks.cfg'],
  ['temporary', '/tmp'],
  ['temporary', '/var/tmp'],
  ['cache', '/var/cache/dnf'],
  ['cache', '/var/cache/yum'],
  ['cache', '/var/cache/tdnf'],
  ['cache', '/var/cache/zypp'],
  ['cache', '/var/cache/apt/archives'],
  ['crash', '/var/crash'],
  ['crash', '/var/lib/systemd/coredump'],
  ['random-seed', '/var/lib/systemd/random-seed'],
];
/** Below /var/log: judged by rules of their own, or listed here under another kind. */
const elsewhere =
  /^\/var\/log\/(?:journal|anaconda|azure|installer)(?:\/|$)|^\/var\/log\/(?:waagent|cloud-init(?:-output)?)\.log|^\/var\/log\/azure-init\.log/;
/** Sockets and folders that services keep in /tmp, and locks of package managers. */
const belongs =
  /^\/(?:var\/)?tmp\/(?:\.(?:X11|ICE|XIM|font|Test)-unix|systemd-private-[^/]*)(?:\/|$)|\/(?:lock|\.lock)$/;
const deepest = 6;

/** Logs, caches and temporary files, by their size. */
export const buildResidue = defineFact<BuildResidue>({
  id: 'build-residue',
  description: 'Logs, journals, package caches, temporary files, core dumps and the random seed of the build machine.',
  reads: places.map(([, path]) => `${path}/**`),
  compute({ rootFs }) {
    const unread: CouldNotRead[] = [];
    const files = new Map<Kind, { readonly path: string; readonly size: number }[]>();
    for (const [kind, path] of places) {
      const found = attempt(() => [...filesAt(rootFs, path, kind)]);
      if (isCouldNotRead(found)) unread.push(found);
      else files.set(kind, [...(files.get(kind) ?? []), ...found]);
    }
    return {
      residues: [...files]
        .filter(([, list]) => list.length > 0)
        .map(([kind, list]) => ({
          kind,
          files: list.sort((a, b) => b.size - a.size).map(({ path }) => ({ path })),
          size: list.reduce((sum, { size }) => sum + size, 0),
        })),
      unread,
    };
  },
});

function* filesAt(
  rootFs: RootFs,
  path: string,
  kind: Kind,
): Generator<{ readonly path: string; readonly size: number }> {
  const status = rootFs.lstat(path);
  if (status?.type === 'file' && status.size > 0) yield { path, size: status.size };
  if (status?.type !== 'directory') return;
  const isElsewhere = (one: string) => kind === 'logs' && elsewhere.test(one);
  for (const entry of rootFs.walk(path, {
    maxDepth: deepest,
    enter: (one) => !isElsewhere(one) && !belongs.test(one),
  })) {
    const isContent = entry.status.type === 'file' && entry.status.size > 0;
    if (isContent && !isElsewhere(entry.path) && !belongs.test(entry.path))
      yield { path: entry.path, size: entry.status.size };
  }
}
