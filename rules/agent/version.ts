import {
  agent,
  compareDottedVersions,
  defineRule,
  fail,
  finding,
  isCouldNotRead,
  minimumVersions,
  notApplicable,
  pass,
  unknown,
  updateAgent,
} from '../../src/rule-api.ts';

const { agent: minimum, selfUpdatingAgent } = minimumVersions;

export default defineRule({
  id: 'agent/version',
  title: `The agent is at least version ${minimum.version}`,
  severity: { base: 'warning', marketplace: 'error' },
  rationale:
    'Microsoft does not support VMs with an older agent, and certification refuses one that does not update itself.',
  remediation: 'Update the agent’s package, or leave auto update on.',
  fix: updateAgent,
  references: [
    minimum.source,
    'https://learn.microsoft.com/azure/virtual-machines/extensions/update-linux-agent',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
  ],
  covers: ['agent-min-version'],
  lisa: ['azure_image_standard.verify_waagent_version'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent },
  check({ agent: { installed, inSystemExtension, version, configuration } }) {
    if (inSystemExtension) return notApplicable('a system extension brings the agent');
    if (!installed) return notApplicable('the agent is not installed');
    if (!version) return unknown('nothing in the image tells the version of the agent');
    const { text, evidence } = version;
    if (compareDottedVersions(text, minimum.version) >= 0) return pass(evidence);
    const wanted = `but ${minimum.version} is the oldest that gets support (as of ${minimum.asOf})`;
    if (compareDottedVersions(text, selfUpdatingAgent.version) < 0) {
      return fail(finding(`the agent is ${text}, which cannot update itself, ${wanted}`, evidence));
    }
    if (isCouldNotRead(configuration))
      return unknown(`the agent is ${text}, and whether it updates itself is not known`);
    const updates =
      'defect' in configuration ||
      (configuration.switch('AutoUpdate.Enabled').value &&
        configuration.switch('AutoUpdate.UpdateToLatestVersion').value);
    if (updates) return pass(evidence);
    return fail(finding(`the agent is ${text} and does not update itself, ${wanted}`, evidence));
  },
});
