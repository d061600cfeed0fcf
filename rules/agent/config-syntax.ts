import { type AgentConfiguration, agent, defineRule, finding, judge, usableConfiguration } from '../../src/rule-api.ts';

/** Kinds that the agent reads as they are meant; the others change or lose something. */
const harmless: readonly AgentConfiguration['oddities'][number]['kind'][] = [
  'stray-comment',
  'trailing-comment',
  'repeated',
  'carriage-return',
];

export default defineRule({
  id: 'agent/config-syntax',
  title: 'Every line of waagent.conf is a comment or one setting, and no line takes back another',
  severity: 'warning',
  rationale:
    'The agent skips what it cannot read and takes the last of two lines without a word, so it provisions the first boot with other settings than the file seems to give.',
  remediation: 'Write each key once, as Key=value from the first column, and put comments on lines of their own.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://github.com/Azure/WALinuxAgent/blob/master/README.md',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/conf.py',
  ],
  covers: ['agent-config-syntax'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent },
  check({ agent: facts }) {
    const configuration = usableConfiguration(facts);
    if ('outcome' in configuration) return configuration;
    const { path, oddities, rejected, problems } = configuration;
    // agent/config-values reports lines whose value or key is lost.
    const reported = new Set([...rejected, ...problems].map(({ evidence }) => evidence.line));
    const findings = oddities
      .filter(({ evidence }) => !reported.has(evidence.line))
      .map(({ kind, message, evidence }) =>
        finding(message, evidence, harmless.includes(kind) ? { severity: 'info' } : {}),
      );
    return judge(findings, [{ path }]);
  },
});
