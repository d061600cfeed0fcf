import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, type CouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { agent } from './agent.ts';
import { readConfiguration } from './ssh-server/configuration.ts';
import { findKeyGenerators } from './ssh-server/key-generators.ts';
import { unitFiles } from './unit-files.ts';

/** One option as a line sets it. */
export interface SshServerSetting {
  /** The arguments, unquoted, with one blank between them. */
  readonly value: string;
  readonly args: readonly string[];
  readonly evidence: Evidence;
}

/** Effective global sshd options. A question that an unreadable file could answer differently throws its `CouldNotRead`. */
export interface SshServerConfiguration {
  /** The file that sshd starts with; undefined when there is none. */
  readonly path?: string;
  /** First value of a keyword, in any case; undefined when only the default applies. */
  first(keyword: string): SshServerSetting | undefined;
  /** All values of a keyword that accumulates. */
  all(keyword: string): readonly SshServerSetting[];
  /** First value of a keyword that holds a time; `seconds` is undefined when sshd refuses the value. */
  seconds(keyword: string): { readonly seconds: number | undefined; readonly evidence: Evidence } | undefined;
  readonly unread: readonly CouldNotRead[];
}

/** A unit that makes missing host keys. */
export interface SshKeyGenerator {
  readonly unit: string;
  readonly startsAtBoot: boolean;
  /** `ConditionPathExists=!/run/systemd/generator.early/multi-user.target.wants/cloud-init.target` and the like. */
  readonly disabledByCloudInit: boolean;
  readonly evidence: Evidence;
}

export interface SshServer {
  readonly installed: boolean;
  readonly executable?: Evidence;
  readonly configuration: SshServerConfiguration;
  /** Units that make missing host keys at boot (sshd-keygen, ssh-keygen -A), with a drop-in that stops them while cloud-init is active. */
  readonly keyGenerators: readonly SshKeyGenerator[];
  /** Host key files present in OS.SshDir, private and public. */
  readonly hostKeys: readonly (Evidence & { readonly type: string; readonly isPublic: boolean })[];
}

const executables = ['/usr/sbin/sshd', '/usr/bin/sshd', '/sbin/sshd', '/usr/local/sbin/sshd'];
const baseFiles = ['/etc/ssh/sshd_config', '/usr/etc/ssh/sshd_config'];

/** The OpenSSH server: configuration as sshd reads it, host keys and what makes them. */
export const sshServer = defineFact<SshServer>({
  id: 'ssh-server',
  description: 'sshd: effective configuration, host keys present, and units that generate missing keys.',
  reads: [...baseFiles, '/etc/ssh/sshd_config.d/*.conf', '/etc/ssh/ssh_host_*'],
  async compute(context) {
    const { rootFs } = context;
    const { sshDir } = await context.get(agent);
    const executable = executables.find((path) => rootFs.stat(path) !== undefined);
    return {
      installed: executable !== undefined,
      ...(executable !== undefined && { executable: { path: executable } }),
      configuration: readConfiguration(
        rootFs,
        baseFiles.find((path) => attempt(() => rootFs.stat(path)) !== undefined),
      ),
      keyGenerators: findKeyGenerators(rootFs, await context.get(unitFiles)),
      hostKeys: findHostKeys(rootFs, sshDir),
    };
  },
});

function findHostKeys(rootFs: RootFs, directory: string): SshServer['hostKeys'] {
  if (rootFs.stat(directory) === undefined) return [];
  return (rootFs.readDir(directory) ?? []).flatMap(({ name }) => {
    const [, type, suffix] = /^ssh_host_(?:(\w+)_)?key(\.pub)?$/.exec(name) ?? [];
    if (!/^ssh_host_(?:\w+_)?key(?:\.pub)?$/.test(name)) return [];
    // SSH protocol 1 named its key plainly ssh_host_key.
    return [{ path: `${directory.replace(/\/$/, '')}/${name}`, type: type ?? 'rsa1', isPublic: suffix !== undefined }];
  });
}
