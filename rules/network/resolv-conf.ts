import { defineRule, distribution, finding, judge, resolver } from '../../src/rule-api.ts';

/** Azure's own resolver, the same in every virtual network. */
const azureResolver = '168.63.129.16';

export default defineRule({
  id: 'network/resolv-conf',
  title: 'No name server of the build environment is left in resolv.conf',
  severity: 'warning',
  rationale:
    'Until DHCP rewrites the file, the first boot sends its queries to a server that it cannot reach, so that provisioning steps which need names stall.',
  remediation: 'Empty /etc/resolv.conf, or make it the symbolic link that the distribution ships.',
  fix: [': > /etc/resolv.conf'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://learn.microsoft.com/azure/security/fundamentals/azure-marketplace-images',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/deprovision/default.py',
  ],
  covers: ['net-resolv-conf-removed'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { resolver, distribution },
  check({ resolver, distribution }) {
    // The agent's deprovisioning leaves the file alone from Ubuntu 18.04 on, where systemd-resolved owns it.
    const isNewUbuntu = distribution?.id === 'ubuntu' && Number.parseFloat(distribution.versionId ?? '') >= 18.04;
    const findings = [...resolver.nameServers, ...resolver.fragments]
      .filter(({ isLocal }) => !isLocal)
      .map(({ address, evidence }) =>
        address === azureResolver
          ? finding(`${address} works, but overrules a name server that the virtual network sets`, evidence, {
              severity: 'info',
            })
          : finding(
              `${address} is a name server of the build environment`,
              evidence,
              isNewUbuntu ? { severity: 'info' } : {},
            ),
      );
    return judge(findings, resolver.evidence, resolver.unread);
  },
});
