import {
  defineRule,
  fail,
  finding,
  firstBoot,
  hostKeyRenewal,
  notApplicable,
  pass,
  sshServer,
  unknownBy,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'generalization/ssh-host-keys',
  title: 'No SSH host keys are in the image, and something makes new ones on the first boot',
  severity: 'error',
  rationale:
    'With the keys of the image all clones have one identity, and whoever has the image can pose as any of them; without keys and without a maker of keys sshd does not start on the first boot.',
  remediation: 'Delete the host keys, and let the provisioner or sshd-keygen make new ones.',
  fix: ['rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/disable-provisioning',
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/deprovision/default.py',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/config/cc_ssh.py',
  ],
  covers: ['gen-ssh-host-keys-removed'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { sshServer, hostKeyRenewal, firstBoot },
  check({
    sshServer: { installed, hostKeys },
    hostKeyRenewal: { deleter, keepReason, creators, makesNone, unread },
    firstBoot: { chosen, generalized },
  }) {
    if (!installed && hostKeys.length === 0) return notApplicable('there is no SSH server and no host key');
    const gap = unknownBy(unread);
    if (gap) return gap;
    const keys = hostKeys.map(({ path }) => ({ path }));
    if (keys.length > 0 && !deleter) {
      return fail(finding(`host keys stay the same on every VM: ${keepReason}`, keys, { subject: 'host keys' }));
    }
    if (creators.length === 0) {
      if (generalized.failure !== undefined) {
        return notApplicable(`another rule reports why the first boot fails: ${generalized.summary}`);
      }
      if (chosen === 'waagent') return notApplicable('generalization/host-key-regeneration reports it');
      const removed = deleter ? `${deleter.name} deletes the host keys, and nothing makes` : 'nothing makes';
      const evidence = [...(makesNone ? [makesNone] : []), ...(deleter?.evidence ?? [])];
      return fail(finding(`${removed} new host keys on the first boot`, evidence, { subject: 'maker' }));
    }
    if (keys.length > 0 && deleter) {
      const will = generalized.failure === undefined ? 'replaces' : 'would replace, if it ran,';
      const message = `host keys are left, which ${deleter.name} ${will} on the first boot`;
      return fail(finding(message, keys, { severity: 'warning', subject: 'host keys' }));
    }
    return pass(creators.flatMap(({ evidence }) => evidence));
  },
});
