import {
  agent,
  defineRule,
  distribution,
  type FindingDraft,
  finding,
  firstBoot,
  judge,
  usableConfiguration,
} from '../../src/rule-api.ts';

interface Switch {
  readonly key: string;
  readonly effect: string;
  readonly onlyWhenProvisioning: boolean;
  /** Systems whose own configuration of the agent turns it on (WALinuxAgent's folder config). */
  readonly shippedBy: readonly string[];
}

/** Switches that are off by default, with what they allow. */
const switches: readonly Switch[] = [
  {
    key: 'OS.AllowHTTP',
    effect: 'lets the agent go on without encryption where Python has no TLS',
    onlyWhenProvisioning: false,
    shippedBy: ['coreos', 'flatcar'],
  },
  {
    key: 'Provisioning.AllowResetSysUser',
    effect: 'lets a deployment set the password of a system account',
    onlyWhenProvisioning: true,
    shippedBy: ['gaia'],
  },
  {
    key: 'Provisioning.ExecuteCustomData',
    effect: 'runs custom data within the 40 minutes that provisioning may take',
    onlyWhenProvisioning: true,
    shippedBy: ['alpine'],
  },
];

export default defineRule({
  id: 'agent/permissive-switches',
  title: 'Switches of the agent that loosen its guard stay off',
  severity: 'info',
  rationale:
    'Every VM accepts what these switches allow, and a long script in custom data makes the first boot end as a failed deployment.',
  remediation: 'Delete the lines, or run custom data by cloud-init.',
  fix: ["sed -i -E '/^(OS\\.AllowHTTP|Provisioning\\.(AllowResetSysUser|ExecuteCustomData))=/d' /etc/waagent.conf"],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://learn.microsoft.com/azure/virtual-machines/linux/using-cloud-init',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/conf.py',
  ],
  covers: ['agent-risky-switches', 'prov-no-long-agent-customdata'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, distribution, firstBoot },
  check({ agent: facts, distribution: system, firstBoot: { agentRole } }, intent) {
    const configuration = usableConfiguration(facts);
    if ('outcome' in configuration) return configuration;
    const provisions = intent.imageType === 'generalized' && agentRole === 'provisions';
    const name = system?.agentName ?? system?.id ?? '';
    const findings = switches.flatMap(({ key, effect, onlyWhenProvisioning, shippedBy }): readonly FindingDraft[] => {
      const { value, evidence = { path: configuration.path } } = configuration.switch(key);
      if (!value || (onlyWhenProvisioning && !provisions) || shippedBy.includes(name)) return [];
      return [finding(`${key}=y ${effect}`, evidence)];
    });
    return judge(findings, [{ path: configuration.path }]);
  },
});
