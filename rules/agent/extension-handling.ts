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

/** Systems without the tools that extensions need, which switch them off themselves. */
const withoutExtensions = ['chainguard', 'wolfi'];

export default defineRule({
  id: 'agent/extension-handling',
  title: 'The agent handles extensions',
  severity: 'warning',
  rationale:
    'Password reset, monitoring, disk encryption and custom scripts are extensions: none of them ever runs on a VM of this image.',
  remediation: 'Set Extensions.Enabled=y, unless the image is an appliance that is meant to run no extensions.',
  fix: ["sed -i 's/^Extensions.Enabled=.*/Extensions.Enabled=y/' /etc/waagent.conf"],
  references: [
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
    'https://learn.microsoft.com/legal/marketplace/certification-policies',
    'https://github.com/Azure/WALinuxAgent/blob/master/README.md',
  ],
  covers: ['agent-extensions-enabled'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, distribution },
  check({ agent: facts, distribution: system }) {
    const configuration = usableConfiguration(facts);
    if ('outcome' in configuration) return configuration;
    const { value, evidence = { path: configuration.path } } = configuration.switch('Extensions.Enabled');
    if (value) return pass(evidence);
    if (system && withoutExtensions.includes(system.id)) {
      return notApplicable('the distribution switches extensions off on purpose');
    }
    return fail(finding('Extensions.Enabled=n, so that no extension runs', evidence));
  },
});
