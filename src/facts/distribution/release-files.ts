import type { Evidence } from '../../engine/model.ts';
import { parseShellAssignments } from '../../formats/shell-assignments.ts';
import type { RootFs } from '../../image/root-fs.ts';

/** A release file from before os-release. */
export interface ReleaseFile {
  readonly evidence: Evidence;
  /** `ID` of the distribution that it names; undefined when the text names none that is known. */
  readonly id?: string;
  readonly versionId?: string;
}

/** In the order in which they are believed: those of derivatives go before those that they keep for compatibility. */
const FILES: readonly { readonly path: string; readonly id?: string }[] = [
  { path: '/etc/oracle-release', id: 'ol' },
  { path: '/etc/almalinux-release', id: 'almalinux' },
  { path: '/etc/rocky-release', id: 'rocky' },
  { path: '/etc/centos-release', id: 'centos' },
  { path: '/etc/redhat-release' },
  { path: '/etc/system-release' },
  { path: '/etc/SuSE-release' },
  { path: '/etc/lsb-release' },
  { path: '/etc/debian_version', id: 'debian' },
  { path: '/etc/alpine-release', id: 'alpine' },
  { path: '/etc/arch-release', id: 'arch' },
  { path: '/etc/photon-release', id: 'photon' },
  { path: '/etc/mariner-release', id: 'mariner' },
  { path: '/etc/azurelinux-release', id: 'azurelinux' },
  { path: '/bin/freebsd-version', id: 'freebsd' },
];

const NAMES: readonly (readonly [RegExp, string])[] = [
  [/\bAlmaLinux\b/i, 'almalinux'],
  [/\bAzure ?Linux\b/i, 'azurelinux'],
  [/\bMariner\b/i, 'mariner'],
  [/\bCentOS\b/i, 'centos'],
  [/\bRocky\b/i, 'rocky'],
  [/\bOracle\b/i, 'ol'],
  [/\bFedora\b/i, 'fedora'],
  [/\bRed ?Hat\b/i, 'rhel'],
  [/\bopenSUSE\b/i, 'opensuse'],
  [/\bSUSE\b/i, 'sles'],
  [/\bUbuntu\b/i, 'ubuntu'],
  [/\bDebian\b/i, 'debian'],
  [/\bPhoton\b/i, 'photon'],
];

/** Paths of release files of which each is written by one distribution alone. */
export function releaseFilesOf(ids: readonly string[]): readonly string[] {
  return FILES.flatMap(({ path, id }) => (id !== undefined && ids.includes(id) ? [path] : []));
}

/** Release files that are present, most believable first; a link to os-release says nothing of its own. */
export function readReleaseFiles(rootFs: RootFs): ReleaseFile[] {
  return FILES.flatMap(({ path, id }) => {
    if (rootFs.stat(path)?.type !== 'file' || rootFs.realPath(path)?.endsWith('/os-release')) return [];
    const text = rootFs.readText(path) ?? '';
    const line = text.split('\n')[0] ?? '';
    const named = path === '/etc/lsb-release' ? readLsbRelease(text) : readFirstLine(line);
    return [{ evidence: { path, line: 1, text: line }, ...named, ...(id !== undefined && { id }) }];
  });
}

function readFirstLine(line: string): { id?: string; versionId?: string } {
  const id = NAMES.find(([pattern]) => pattern.test(line))?.[1];
  const versionId = /\d+(?:\.\d+)*/.exec(line)?.[0];
  return { ...(id !== undefined && { id }), ...(versionId !== undefined && { versionId }) };
}

function readLsbRelease(text: string): { id?: string; versionId?: string } {
  const { byKey } = parseShellAssignments(text);
  const name = byKey.get('DISTRIB_ID')?.value ?? '';
  const id = NAMES.find(([pattern]) => pattern.test(name))?.[1];
  const versionId = byKey.get('DISTRIB_RELEASE')?.value;
  return { ...(id !== undefined && { id }), ...(versionId && { versionId }) };
}
