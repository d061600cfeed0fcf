import { defineRule, dhcpClients, distribution, finding, judge, notApplicable } from '../../src/rule-api.ts';

export default defineRule({
  id: 'network/legacy-manager',
  title: 'NetworkManager is not installed on EL 6',
  severity: 'warning',
  rationale:
    'On that generation it and the agent both set the host name and restart the interface, so that the virtual machine may lose its network while it is provisioned on the first boot.',
  remediation: 'Remove the package NetworkManager.',
  fix: ['rpm -e --nodeps NetworkManager'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/oracle-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/azure_image_standard.py',
  ],
  covers: ['agent-networkmanager-conflict-legacy'],
  lisa: ['azure_image_standard.verify_network_manager_not_installed'],
  needs: ['rootfs'],
  appliesTo: { families: ['rhel', 'oracle'] },
  facts: { distribution, dhcpClients },
  check({ distribution: system, dhcpClients: { programs } }) {
    if (!(Number.parseFloat(system?.versionId ?? '') < 7))
      return notApplicable('from EL 7 on the agent gets along with NetworkManager');
    const found = programs.filter(({ program }) => program === 'NetworkManager');
    return judge(
      found.map(({ evidence }) =>
        finding(`NetworkManager is installed on ${system?.id} ${system?.versionId}`, evidence),
      ),
    );
  },
});
