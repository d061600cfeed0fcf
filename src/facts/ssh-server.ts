import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';

/** Effective global sshd options. */
export interface SshServerConfiguration {
  /** First value of a keyword, in any case; undefined when only the default applies. */
  first(keyword: string): { readonly value: string; readonly evidence: Evidence } | undefined;
  /** All values of a keyword that accumulates. */
  all(keyword: string): readonly { readonly value: string; readonly evidence: Evidence }[];
}

export interface SshServer {
  readonly installed: boolean;
  readonly executable?: Evidence;
  readonly configuration: SshServerConfiguration;
  /** Units that make missing host keys at boot (sshd-keygen, ssh-keygen -A), with a drop-in that stops them while cloud-init is active. */
  readonly keyGenerators: readonly {
    readonly unit: string;
    readonly startsAtBoot: boolean;
    /** `ConditionPathExists=!/run/systemd/generator.early/multi-user.target.wants/cloud-init.target` and the like. */
    readonly disabledByCloudInit: boolean;
    readonly evidence: Evidence;
  }[];
  /** Host key files present in OS.SshDir, private and public. */
  readonly hostKeys: readonly (Evidence & { readonly type: string; readonly isPublic: boolean })[];
}

/** The OpenSSH server: configuration as sshd reads it, host keys and what makes them. */
export const sshServer = defineFact<SshServer>({
  id: 'ssh-server',
  description: 'sshd: effective configuration, host keys present, and units that generate missing keys.',
  reads: ['/etc/ssh/sshd_config', '/etc/ssh/sshd_config.d/*.conf', '/etc/ssh/ssh_host_*'],
  compute() {
    throw new Error('ssh-server is not written yet');
  },
});
