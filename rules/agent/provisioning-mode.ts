import {
  agent,
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
  id: 'agent/provisioning-mode',
  title: 'Provisioning.Agent is a word that the agent knows, and fits the provisioner in the image',
  severity: 'error',
  rationale:
    'With any word but auto, waagent and cloud-init the agent reports ready on the first boot without creating the administrator or setting the host name.',
  remediation:
    'Set Provisioning.Agent=auto, which waits for cloud-init where that is enabled and provisions where it is not.',
  fix: ["sed -i '/^Provisioning.Agent=/d' /etc/waagent.conf && echo 'Provisioning.Agent=auto' >> /etc/waagent.conf"],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/provision/factory.py',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/provision/default.py',
  ],
  covers: ['agent-provisioning-agent-value'],
  lisa: [],
  needs: ['rootfs', 'options'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { agent, firstBoot },
  check({
    agent: { installed, inSystemExtension, configuration, legacyProvisioning, version, versionUnread },
    firstBoot: { generalized },
  }) {
    if (inSystemExtension) return notApplicable('the configuration comes with the agent’s system extension');
    if (!installed) return notApplicable('the agent is not installed');
    if (isCouldNotRead(configuration)) return unknown(configuration.message);
    if ('defect' in configuration) return notApplicable('there is no configuration that the agent could read');
    if (versionUnread) return unknown(versionUnread.message);
    const nothingProvisions = generalized.failure === 'agent-told-not-to-provision';
    if (legacyProvisioning && !nothingProvisions)
      return notApplicable(`agent ${version?.text} does not know Provisioning.Agent`);

    const key = legacyProvisioning ? 'Provisioning.Enabled' : 'Provisioning.Agent';
    const { value = '', evidence } = configuration.string(key);
    const found = `${key}=${value}`;
    const place = evidence ?? { path: configuration.path };
    if (nothingProvisions) {
      const message = `${found} tells the agent not to provision, and nothing else in the image does: it reports ready without an administrator`;
      return fail(finding(message, place));
    }
    if (['auto', 'waagent', 'cloud-init', 'disabled'].includes(value)) return pass(place);
    return fail(
      finding(`${found} is none of auto, waagent, cloud-init and disabled, and acts like disabled`, place, {
        severity: 'warning',
      }),
    );
  },
});
