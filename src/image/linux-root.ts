import { attempt, isCouldNotRead } from './could-not-read.ts';
import type { RootFs } from './root-fs.ts';

/** Any of these says "a Linux or BSD root": release files, then the directories that no root lacks. */
const releaseFiles = [
  '/etc/os-release',
  '/usr/lib/os-release',
  '/etc/redhat-release',
  '/etc/system-release',
  '/etc/SuSE-release',
  '/etc/lsb-release',
  '/etc/debian_version',
  '/etc/alpine-release',
  '/etc/arch-release',
  '/etc/mariner-release',
  '/etc/photon-release',
] as const;
const directories = ['/etc', '/usr'] as const;

/**
 * Why the root is no Linux root file system; undefined when it is. A scan of something else would find nothing and
 * must not look like a pass.
 */
export function notALinuxRoot(rootFs: RootFs): string | undefined {
  const top = rootFs.readDir('/') ?? [];
  if (top.length === 0) return 'the directory is empty';
  const exists = (path: string) => {
    const status = attempt(() => rootFs.lstat(path));
    return isCouldNotRead(status) || status !== undefined;
  };
  if (releaseFiles.some(exists)) return undefined;
  if (directories.every(exists)) return undefined;
  if (top.some(({ name }) => name === 'ostree'))
    return 'it is the physical root of an ostree system, whose files are in a deployment: /ostree/deploy/NAME/deploy/CHECKSUM.N';
  const windows = top.some(({ name }) => name.toLowerCase() === 'windows');
  const looked = `looked for ${releaseFiles.slice(0, 4).join(', ')} and other release files, and for the directories ${directories.join(' and ')}`;
  return windows
    ? `it looks like a Windows system volume, not a Linux root file system (${looked})`
    : `it is no Linux root file system (${looked})`;
}
