import { defineRule, fail, finding, firstBoot, notApplicable, pass, unknown } from '../../src/rule-api.ts';

export default defineRule({
  id: 'provisioning/host-key-type',
  title: 'The host key that the agent waits for gets made',
  severity: 'error',
  rationale:
    'Beside cloud-init the agent waits up to 30 minutes on the first boot for one ssh host key; when nothing makes a ' +
    'key of that type it reports ProvisioningFailed.',
  remediation: 'Let cloud-init make a key of the type in Provisioning.SshHostKeyPairType (auto means rsa).',
  fix: ["echo 'ssh_genkeytypes: [rsa, ecdsa, ed25519]' > /etc/cloud/cloud.cfg.d/99_hostkeys.cfg"],
  references: [
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/provision/cloudinit.py',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/config/cc_ssh.py',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/util.py',
  ],
  covers: ['prov-host-key-type-created'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { firstBoot },
  check({ firstBoot: { hostKey, candidates, unread } }) {
    if (!hostKey && unread.length > 0) return unknown(unread.join('; '));
    if (!hostKey) return notApplicable('waagent does not wait for a host key beside cloud-init');
    const cloudInit = candidates.find(({ provisioner }) => provisioner === 'cloud-init');
    if (!cloudInit?.works && unread.length > 0) return unknown(unread.join('; '));
    if (!cloudInit?.works) return notApplicable('cloud-init will not run, which other rules report');
    if (hostKey.created === undefined) return unknown(hostKey.reason);
    if (hostKey.created) return pass(hostKey.evidence);
    return fail(finding(`waagent waits for ${hostKey.path}, which nothing makes: ${hostKey.reason}`, hostKey.evidence));
  },
});
