import {
  agent,
  defineRule,
  fail,
  finding,
  firstBoot,
  isCouldNotRead,
  notApplicable,
  pass,
  sshServer,
  unknown,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'generalization/host-key-regeneration',
  title: 'An agent that provisions finds or makes a host key of the configured type',
  severity: 'error',
  rationale:
    'The agent ends its provisioning by taking the fingerprint of one ssh host key; without that key the first boot ends in ProvisioningFailed.',
  remediation:
    'Let the agent make the keys with Provisioning.RegenerateSshHostKeyPair=y and a type that ssh-keygen still makes.',
  fix: [
    "sed -i '/^Provisioning.RegenerateSshHostKeyPair=/d' /etc/waagent.conf && echo 'Provisioning.RegenerateSshHostKeyPair=y' >> /etc/waagent.conf",
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/provision/default.py',
  ],
  covers: ['gen-agent-regenerates-host-keys'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { agent, firstBoot, sshServer },
  check({
    agent: { configuration, sshDir },
    firstBoot: { chosen, generalized },
    sshServer: { hostKeys, keyGenerators },
  }) {
    if (chosen !== 'waagent')
      return notApplicable(`${chosen === 'none' ? 'nobody' : chosen} provisions, not the agent`);
    if (generalized.failure !== undefined)
      return notApplicable(`another rule reports why the first boot fails: ${generalized.summary}`);
    if (isCouldNotRead(configuration)) return unknown(configuration.message);
    if ('defect' in configuration) return notApplicable('there is no configuration that the agent could read');

    const regenerate = configuration.switch('Provisioning.RegenerateSshHostKeyPair');
    const mode = configuration.string('Provisioning.SshHostKeyPairType');
    // The agent hands the type to a shell, which takes single quotes away.
    const type = (mode.value ?? '').replaceAll("'", '');
    const typePlace = mode.evidence ?? { path: configuration.path };
    const switchPlace = regenerate.evidence ?? { path: configuration.path };
    if (regenerate.value) {
      if (['rsa', 'ecdsa', 'ed25519', 'auto'].includes(type.toLowerCase())) return pass([switchPlace, typePlace]);
      if (type.toLowerCase() !== 'dsa')
        return fail(finding(`ssh-keygen makes no host key of type ${JSON.stringify(type)}`, typePlace));
      return fail(finding('ssh-keygen of OpenSSH 10 makes no dsa keys any more', typePlace, { severity: 'warning' }));
    }
    const wanted = type === 'auto' ? 'rsa' : type;
    const key = hostKeys.find((candidate) => candidate.isPublic && candidate.type === wanted);
    if (key) return notApplicable(`${key.path} is in the image, which generalization/ssh-host-keys judges`);
    const generator = keyGenerators.find(({ startsAtBoot }) => startsAtBoot);
    if (generator) return pass([switchPlace, generator.evidence]);
    const message = `the agent makes no host keys, and nothing else makes the ${sshDir}/ssh_host_${wanted}_key.pub that it takes the fingerprint of`;
    return fail(finding(message, switchPlace));
  },
});
