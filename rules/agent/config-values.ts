import {
  agent,
  defineRule,
  finding,
  isCouldNotRead,
  judge,
  notApplicable,
  type RejectedValue,
  unknown,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'agent/config-values',
  title: 'The agent reads every line of waagent.conf as it looks',
  severity: 'warning',
  rationale:
    'The agent takes its default for every switch that is not y or n and every number that is not whole, and it logs nothing: with Provisioning.RegenerateSshHostKeyPair=yes, no host keys are made on the first boot.',
  remediation: 'Write y or n for switches, digits for numbers, and values without quotes.',
  fix: [
    "sed -i -E 's/^([A-Za-z.]+)=(yes|true|on)$/\\1=y/I; s/^([A-Za-z.]+)=(no|false|off)$/\\1=n/I' /etc/waagent.conf",
  ],
  references: [
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/conf.py',
    'https://github.com/Azure/WALinuxAgent/blob/master/README.md',
  ],
  covers: ['agent-config-values'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent },
  check({ agent: { installed, configuration, versionUnread } }) {
    if (!installed) return notApplicable('the agent is not installed');
    if (isCouldNotRead(configuration)) return unknown(configuration.message);
    if ('defect' in configuration) return notApplicable('there is no configuration that the agent could read');
    const { path, rejected, problems } = configuration;
    const ofValues = rejected
      .filter(({ kind, meansTheSame }) => kind !== 'misread' || !meansTheSame)
      .map((value) =>
        finding(message(value), value.evidence, {
          ...((value.kind === 'misread' || value.meansTheSame) && { severity: 'info' as const }),
        }),
      );
    const ofLines = problems
      // agent/provisioning-mode judges the word that results.
      .filter(({ effect, key }) => effect === 'lost' || key !== 'Provisioning.Agent')
      .map((problem) =>
        finding(problem.effect === 'lost' ? problem.message : `${problem.key}: ${problem.message}`, problem.evidence),
      );
    // Which keys are read depends on the version.
    return judge([...ofValues, ...ofLines], [{ path }], versionUnread ? [versionUnread] : []);
  },
});

function message({ key, written, kind, taken = 'nothing' }: RejectedValue): string {
  if (kind === 'misread') return `the agent reads ${key} as a switch by mistake and always waits ${taken} seconds`;
  const wanted = kind === 'switch' ? 'neither y nor n' : 'no whole number';
  return `${key}=${written} is ${wanted}, so the agent takes ${taken}`;
}
