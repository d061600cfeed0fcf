import {
  agent,
  defineRule,
  distribution,
  fail,
  finding,
  firstBoot,
  notApplicable,
  pass,
  usableConfiguration,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'agent/config-completeness',
  title: 'waagent.conf says what the agent would otherwise not do',
  severity: 'info',
  rationale:
    'The usual file switches on what the code leaves off, so from a shortened file the agent does less on every boot than its documentation says.',
  remediation: 'Begin with the waagent.conf of the distribution’s package and change single lines.',
  references: [
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/conf.py',
    'https://github.com/Azure/WALinuxAgent/blob/master/config/waagent.conf',
  ],
  covers: ['agent-config-complete'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, distribution, firstBoot },
  check({ agent: facts, distribution: system, firstBoot: { agentRole } }) {
    const configuration = usableConfiguration(facts);
    if ('outcome' in configuration) return configuration;
    if (system?.id === 'photon') return notApplicable('Photon OS leaves these keys out on purpose');
    const provisions = agentRole === 'provisions';
    const formats = configuration.switch('ResourceDisk.Format').value;
    const missing = [
      ...(provisions ? ['Provisioning.RegenerateSshHostKeyPair', 'Provisioning.DeleteRootPassword'] : []),
      'Provisioning.MonitorHostName',
      formats ? 'ResourceDisk.Filesystem' : 'ResourceDisk.Format',
    ].filter((key) => configuration.text(key) === undefined);
    if (missing.length === 0) return pass({ path: configuration.path });
    const effects = missing.map((key) => (key === 'ResourceDisk.Filesystem' ? `${key} (ext3)` : `${key} (n)`));
    return fail(
      finding(`not set, so that the agent takes its default: ${effects.join(', ')}`, { path: configuration.path }),
    );
  },
});
