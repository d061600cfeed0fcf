import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { agent } from './agent.ts';
import { distribution } from './distribution.ts';

/** The file that the agent edits when it provisions. */
export interface AgentSshConfiguration {
  readonly path: string;
  readonly exists: boolean;
  /** Where sshd of this image has its configuration instead. */
  readonly elsewhere?: Evidence;
  /** False where the agent's code for the distribution leaves sshd alone. */
  readonly isEdited: boolean;
}

/** Distributions whose osutil class of the agent overrides `conf_sshd` with nothing. */
const unedited = new Set([
  'flatcar',
  'coreos',
  'arch',
  'alpine',
  'clear-linux-os',
  'photon',
  'mariner',
  'azurelinux',
  'fedora',
  'alpaquita',
  'nsbsd',
]);

/** `OS.SshDir`/sshd_config, which `conf_sshd` of azurelinuxagent/common/osutil/default.py reads and writes. */
export const agentSshConfiguration = defineFact<AgentSshConfiguration>({
  id: 'agent-ssh-configuration',
  description: 'Whether the sshd_config that the agent edits on the first boot is in the image.',
  reads: ['/etc/ssh/sshd_config', '/usr/etc/ssh/sshd_config'],
  async compute(context) {
    const { rootFs } = context;
    const { sshDir } = await context.get(agent);
    const system = await context.get(distribution);
    const path = `${sshDir}/sshd_config`;
    const other = '/usr/etc/ssh/sshd_config';
    return {
      path,
      exists: rootFs.stat(path)?.type === 'file',
      ...(rootFs.stat(other)?.type === 'file' && { elsewhere: { path: other } }),
      isEdited: !unedited.has(system?.id ?? ''),
    };
  },
});
