import { agent, defineRule, finding, judge, usableConfiguration } from '../../src/rule-api.ts';

export default defineRule({
  id: 'agent/config-keys',
  title: 'waagent.conf uses keys that the agent knows',
  severity: 'warning',
  rationale:
    'The agent passes over a key that it does not know, so a misspelt setting changes nothing on the first boot or later.',
  remediation: 'Correct the spelling, or delete the line.',
  references: [
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/conf.py',
    'https://github.com/Azure/WALinuxAgent/tree/master/config',
  ],
  covers: ['agent-config-known-keys'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent },
  check({ agent: facts }) {
    const configuration = usableConfiguration(facts);
    if ('outcome' in configuration) return configuration;
    const findings = configuration.unknownKeys.map(({ key, resembles, evidence }) =>
      resembles === undefined
        ? finding(`the agent knows no key ${key}`, evidence, { severity: 'info' })
        : finding(`the agent knows no key ${key}; ${resembles} may be meant`, evidence),
    );
    return judge(findings, [{ path: configuration.path }]);
  },
});
