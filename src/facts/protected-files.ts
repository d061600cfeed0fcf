import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { FileStatus, RootFs } from '../image/root-fs.ts';
import { accounts } from './accounts.ts';
import { sshServer } from './ssh-server.ts';

/** A file whose protection somebody checks. */
export interface ProtectedFile {
  readonly path: string;
  /** After all links; undefined when there is no such file. */
  readonly status?: FileStatus;
  /** The mode as `ls -l` numbers it, as text. */
  readonly evidence: Evidence;
}

export interface ProtectedFiles {
  readonly passwd: ProtectedFile;
  readonly shadow: ProtectedFile;
  readonly shell: ProtectedFile;
  readonly sshDirectory: ProtectedFile;
  /** The file that sshd starts with. */
  readonly sshConfiguration?: ProtectedFile;
  readonly hostKeys: readonly ProtectedFile[];
  /** Home, .ssh and key files of each account that has authorized keys. */
  readonly keyPaths: readonly (ProtectedFile & {
    readonly owner: string;
    readonly uid: number;
    readonly holdsKeys: boolean;
  })[];
  /** False when the tree was copied in a way that lost owners. */
  readonly ownersRecorded: boolean;
  /** False when the tree was copied in a way that lost modes: everybody may write everything. */
  readonly modesRecorded: boolean;
  readonly unread: readonly CouldNotRead[];
}

/** Types, modes and owners of account and SSH files. */
export const protectedFiles = defineFact<ProtectedFiles>({
  id: 'protected-files',
  description: 'Type, mode and owner of the account files, the shell, and SSH configuration, host keys and user keys.',
  reads: ['/etc/{passwd,shadow}', '/bin/sh', '/etc/ssh', '/etc/ssh/{sshd_config,ssh_host_*_key}', '/home/*/.ssh'],
  async compute(context) {
    const { rootFs } = context;
    const { configuration, hostKeys } = await context.get(sshServer);
    const everybody = await context.get(accounts);
    const unread: CouldNotRead[] = [];
    const look = (path: string): ProtectedFile => {
      const status = attempt(() => rootFs.stat(path));
      if (isCouldNotRead(status)) unread.push(status);
      if (status === undefined || isCouldNotRead(status)) return { path, evidence: { path } };
      return { path, status, evidence: { path, text: `mode ${octal(status.mode)}` } };
    };
    const keyPaths = everybody.accounts.flatMap(({ name, uid, home, authorizedKeys }) =>
      authorizedKeys.flatMap((file) => {
        if (isCouldNotRead(file) || file.keys.length === 0) return [];
        const paths =
          file.path.startsWith(`${home}/`) && home !== '/' ? [home, parent(file.path), file.path] : [file.path];
        return [...new Set(paths)].map((path) => ({ ...look(path), owner: name, uid, holdsKeys: path === file.path }));
      }),
    );
    return {
      passwd: look('/etc/passwd'),
      shadow: look('/etc/shadow'),
      shell: look('/bin/sh'),
      sshDirectory: look('/etc/ssh'),
      ...(configuration.path !== undefined && { sshConfiguration: look(configuration.path) }),
      hostKeys: hostKeys.filter(({ isPublic }) => !isPublic).map(({ path }) => look(path)),
      keyPaths,
      ownersRecorded: rootFs.ownersRecorded,
      modesRecorded: modesRecorded(rootFs),
      unread,
    };
  },
});

export function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** On FAT and the like, and on shares, every file has the same open mode. */
function modesRecorded(rootFs: RootFs): boolean {
  const modes = ['/etc/passwd', '/etc/group', '/etc/os-release', '/etc/hosts', '/etc/fstab'].flatMap((path) => {
    const status = attempt(() => rootFs.stat(path));
    return status === undefined || isCouldNotRead(status) ? [] : [status.mode];
  });
  return modes.length < 2 || modes.some((mode) => (mode & 0o002) === 0);
}
