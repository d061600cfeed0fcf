import {
  agent,
  defineRule,
  distribution,
  type FindingDraft,
  finding,
  firstBoot,
  isCouldNotRead,
  judge,
  notApplicable,
  pass,
  unknown,
} from '../../src/rule-api.ts';

const deadKeys = ['Provisioning.Enabled', 'Provisioning.UseCloudInit'];

export default defineRule({
  id: 'agent/legacy-keys',
  title: 'Nothing relies on Provisioning.Enabled and Provisioning.UseCloudInit',
  severity: 'warning',
  rationale:
    'The agent has ignored both keys since 2.2.45, so an image that sets only them is provisioned on the first boot by somebody else than intended.',
  remediation: 'Delete both keys and set Provisioning.Agent.',
  fix: [
    "sed -i '/^Provisioning\\.\\(Enabled\\|UseCloudInit\\|Agent\\)=/d' /etc/waagent.conf && echo 'Provisioning.Agent=auto' >> /etc/waagent.conf",
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/oracle-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://github.com/Azure/WALinuxAgent/blob/master/README.md',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/conf.py',
  ],
  covers: ['agent-legacy-provisioning-keys'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, distribution, firstBoot },
  check({
    agent: { installed, configuration, legacyProvisioning, version, versionUnread },
    distribution: system,
    firstBoot: { agentRole },
  }) {
    if (!installed) return notApplicable('the agent is not installed');
    if (isCouldNotRead(configuration)) return unknown(configuration.message);
    if ('defect' in configuration) return notApplicable('there is no configuration that the agent could read');
    if (legacyProvisioning) return notApplicable(`agent ${version?.text} still reads these keys`);
    const present = configuration.assignments.filter(({ key }) => deadKeys.includes(key));
    if (present.length === 0) return pass({ path: configuration.path });
    if (versionUnread) return unknown(versionUnread.message);

    const provisions = agentRole === 'provisions' || agentRole === 'conflict';
    const contradicted = present.filter(
      ({ key, value }) => provisions && value.toLowerCase() === (key === 'Provisioning.Enabled' ? 'n' : 'y'),
    );
    const findings: FindingDraft[] = contradicted.map(({ key, value, evidence }) =>
      finding(`${key}=${value} has no effect since agent 2.2.45, and waagent does provision`, evidence),
    );
    const [first] = present;
    // Photon OS ships these keys and leaves Provisioning.Agent out, and means what the agent does.
    if (
      first &&
      findings.length === 0 &&
      system?.id !== 'photon' &&
      configuration.text('Provisioning.Agent') === undefined
    ) {
      const message = `${first.key} has no effect since agent 2.2.45; without Provisioning.Agent the agent takes auto`;
      findings.push(finding(message, first.evidence, { severity: 'info' }));
    }
    return judge(
      findings,
      present.map(({ evidence }) => evidence),
    );
  },
});
