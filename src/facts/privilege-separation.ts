import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { FileStatus, RootFs } from '../image/root-fs.ts';
import { type Distribution, distribution } from './distribution.ts';
import { expandGlob } from './expand-glob.ts';

export interface PrivilegeSeparation {
  /** Directory into which sshd's unprivileged half is locked, as the distribution builds sshd. */
  readonly path: string;
  readonly status?: FileStatus;
  /** The line of tmpfiles.d that makes the directory at boot. */
  readonly createdBy?: Evidence;
}

/** Where each distribution compiles `--with-privsep-path` to; Debian and Ubuntu use /run/sshd, which the boot makes. */
function privsepPath({ family, versionId }: Distribution): string | undefined {
  const major = Number.parseInt(versionId ?? '', 10);
  switch (family) {
    case 'rhel':
    case 'oracle':
      return major <= 8 ? '/var/empty/sshd' : '/usr/share/empty.sshd';
    case 'fedora':
      return '/usr/share/empty.sshd';
    case 'suse':
      return '/var/lib/empty';
    case 'azurelinux':
      return '/var/lib/sshd';
    case 'flatcar':
    case 'alpine':
      return '/var/empty';
    default:
      return undefined;
  }
}

/** sshd's privilege separation directory; undefined where the boot makes it or nobody knows where it is. */
export const privilegeSeparation = defineFact<PrivilegeSeparation | undefined>({
  id: 'privilege-separation',
  description: "The directory of sshd's privilege separation: where it is, its mode and owner, and what makes it.",
  reads: ['/var/empty{,/sshd}', '/usr/share/empty.sshd', '/var/lib/{empty,sshd}', '/{etc,usr/lib}/tmpfiles.d/*.conf'],
  async compute(context) {
    const system = await context.get(distribution);
    const path = system && privsepPath(system);
    if (path === undefined) return undefined;
    const status = context.rootFs.stat(path);
    const createdBy = status === undefined ? findTmpfilesLine(context.rootFs, path) : undefined;
    return { path, ...(status && { status }), ...(createdBy && { createdBy }) };
  },
});

/** A line of tmpfiles.d that creates the directory: types d, D, v, q, Q with any modifiers. */
function findTmpfilesLine(rootFs: RootFs, wanted: string): Evidence | undefined {
  const files = ['/etc', '/usr/lib', '/lib'].flatMap((top) => expandGlob(rootFs, `${top}/tmpfiles.d/*.conf`));
  for (const path of files) {
    const lines = (rootFs.readText(path) ?? '').split('\n');
    const index = lines.findIndex((line) => {
      const [type = '', directory] = line.trim().split(/\s+/);
      return /^[dDvqQ]/.test(type) && directory?.replace(/["']/g, '') === wanted;
    });
    if (index >= 0) return { path, line: index + 1, text: lines[index]?.trim() ?? '' };
  }
  return undefined;
}
