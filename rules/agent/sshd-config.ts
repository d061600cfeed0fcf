import {
  agent,
  agentSshConfiguration,
  defineRule,
  fail,
  finding,
  firstBoot,
  isCouldNotRead,
  notApplicable,
  pass,
  unknown,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'agent/sshd-config',
  title: 'The sshd_config that the agent edits is there when the agent provisions',
  severity: 'error',
  rationale:
    'On the first boot the agent writes into OS.SshDir/sshd_config, and without the file provisioning ends before the VM is reported as ready.',
  remediation: 'Copy the distribution’s sshd_config to the directory, or let cloud-init provision.',
  fix: ['cp -n /usr/etc/ssh/sshd_config /etc/ssh/sshd_config'],
  references: [
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/osutil/default.py',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/provision/default.py',
  ],
  covers: ['agent-sshd-config-editable'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { agent, agentSshConfiguration, firstBoot },
  check({
    agent: { installed, inSystemExtension, configuration },
    agentSshConfiguration: file,
    firstBoot: { agentRole },
  }) {
    if (!installed || inSystemExtension) return notApplicable('no agent of the usual kind is installed');
    if (isCouldNotRead(configuration)) return unknown(configuration.message);
    if (agentRole !== 'provisions') return notApplicable('the agent does not provision');
    if (!file.isEdited) return notApplicable('the agent leaves sshd alone on this distribution');
    if (file.exists) return pass({ path: file.path });
    const where = file.elsewhere ? `; sshd reads ${file.elsewhere.path}` : '';
    return fail(
      finding(`${file.path}, which the agent edits on the first boot, is missing${where}`, file.elsewhere ?? []),
    );
  },
});
