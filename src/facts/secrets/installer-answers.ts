import { installerPasswordLine } from '../../formats/secret-text.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import { expandGlob } from '../expand-glob.ts';
import type { Secret } from '../secrets.ts';
import { readHead } from './read-head.ts';

/** Where Anaconda, AutoYaST, debian-installer and Subiquity keep what they were told. */
const patterns: readonly string[] = [
  '/root/*.ks',
  '/root/*ks.cfg',
  '/root/preseed.cfg',
  '/root/autoinst.xml',
  '/var/adm/autoinstall/cache/installedSystem.xml',
  '/var/lib/autoinstall/autoconf/autoconf.xml',
  '/var/log/anaconda/*ks.cfg',
  '/var/log/installer/autoinstall-user-data',
  '/autoinstall.yaml',
];

export function findInstallerAnswers(rootFs: RootFs): readonly (Secret | CouldNotRead)[] {
  return patterns.flatMap((pattern) => {
    const files = attempt(() => expandGlob(rootFs, pattern));
    if (isCouldNotRead(files)) return [files];
    return files.flatMap((path): (Secret | CouldNotRead)[] => {
      const head = readHead(rootFs, path);
      if (isCouldNotRead(head)) return [head];
      const line = head === undefined ? undefined : installerPasswordLine(head);
      if (line === undefined) return [];
      return [{ kind: 'installer-password', what: 'a password of the installation', evidence: { path, line } }];
    });
  });
}
