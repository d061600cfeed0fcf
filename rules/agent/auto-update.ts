import {
  agent,
  defineRule,
  distribution,
  fail,
  finding,
  notApplicable,
  pass,
  usableConfiguration,
} from '../../src/rule-api.ts';

/** Systems whose own configuration of the agent switches updates off, because the system brings the agent. */
const onPurpose = ['debian', 'flatcar', 'chainguard', 'wolfi', 'gaia'];

export default defineRule({
  id: 'agent/auto-update',
  title: 'The agent updates itself',
  severity: 'warning',
  rationale:
    'Every VM keeps the agent of the day on which the image was built until that version falls out of support and extensions stop working.',
  remediation: 'Delete AutoUpdate.Enabled and AutoUpdate.UpdateToLatestVersion, or set them to y.',
  fix: ["sed -i -E 's/^AutoUpdate\\.(Enabled|UpdateToLatestVersion)=.*/AutoUpdate.\\1=y/' /etc/waagent.conf"],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://learn.microsoft.com/azure/virtual-machines/extensions/update-linux-agent',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-azure-guest-agent',
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/conf.py',
  ],
  covers: ['agent-auto-update-enabled'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, distribution },
  check({ agent: facts, distribution: system }) {
    if (facts.inSystemExtension) return notApplicable('the agent comes and is updated with its system extension');
    const configuration = usableConfiguration(facts);
    if ('outcome' in configuration) return configuration;
    // The newer key takes its default from the older one.
    const update = configuration.switch('AutoUpdate.UpdateToLatestVersion');
    const older = configuration.switch('AutoUpdate.Enabled');
    const isOwn = update.evidence !== undefined && update.rejected === undefined;
    const place = (isOwn ? update.evidence : older.evidence) ?? { path: configuration.path };
    if (update.value) return pass(place);
    const key = isOwn ? 'AutoUpdate.UpdateToLatestVersion' : 'AutoUpdate.Enabled';
    if (system?.family === 'azurelinux' && /osguard/i.test(system.variantId ?? '')) {
      return notApplicable('this system is replaced as a whole, the agent with it');
    }
    if (system && onPurpose.includes(system.agentName ?? system.id)) {
      return notApplicable(`${key}=n is the distribution’s own choice: its package manager updates the agent`);
    }
    return fail(finding(`${key}=n keeps the agent from updating itself`, place));
  },
});
