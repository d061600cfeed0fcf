import { agentState, defineRule, type FindingDraft, finding, judge } from '../../src/rule-api.ts';

export default defineRule({
  id: 'generalization/extensions',
  title: 'VM extensions of the source VM are removed',
  severity: 'warning',
  rationale:
    'Services of an extension start on the first boot of every clone with the identity, workspace and settings of the source VM.',
  remediation: 'Uninstall the extensions from the source VM before the capture, then delete what is left of them.',
  fix: ['rm -rf /var/lib/waagent/*-[0-9]*.[0-9]*/', 'systemctl --root=/ disable azuremonitoragent.service'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/disable-provisioning',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/ga/exthandlers.py',
  ],
  covers: ['gen-extensions-removed'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { agentState },
  check({ agentState: { extensions, monitoring, unread } }, { profiles }) {
    const ofExtensions = extensions.map(({ name, version, form, configured, evidence }): FindingDraft => {
      if (configured) return finding(`${name} ${version} is left with settings or status of the source VM`, evidence);
      const message =
        form === 'package'
          ? `the package of ${name} ${version} is left`
          : `${name} ${version} is left, without settings`;
      return finding(message, evidence, { severity: 'info' });
    });
    // For Marketplace security/endpoint-protection reports Defender that is merely installed.
    const isElsewhere = ({ name, onboarding }: (typeof monitoring)[number]) =>
      profiles.includes('marketplace') && onboarding.length === 0 && name === 'Microsoft Defender for Endpoint';
    const ofMonitoring = monitoring
      .filter((tool) => !isElsewhere(tool))
      .map((tool): FindingDraft => {
        const { name, onboarding, startsAtBoot, evidence } = tool;
        const start = startsAtBoot ? 'and starts at boot' : 'though its service does not start at boot';
        return onboarding.length > 0
          ? finding(`${name} is set up for the source VM ${start}`, onboarding)
          : finding(`${name} is installed without being set up`, evidence, { severity: 'info' });
      });
    return judge([...ofExtensions, ...ofMonitoring], [], unread);
  },
});
