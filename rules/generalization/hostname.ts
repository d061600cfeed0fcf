import { defineRule, finding, type HostNameUse, hostname, judge } from '../../src/rule-api.ts';

const meanings: Readonly<Record<HostNameUse, string>> = {
  static: 'every new virtual machine starts as',
  pretty: 'every new virtual machine presents itself as',
  dhcp: 'every new virtual machine announces itself to DHCP as',
  dhclient: 'dhclient announces every new virtual machine as',
  hosts: 'every new virtual machine knows itself as',
};
const minor: readonly HostNameUse[] = ['dhclient', 'hosts'];

export default defineRule({
  id: 'generalization/hostname',
  title: 'The image carries no host name of the machine it was built on',
  severity: 'warning',
  rationale:
    'From the start of the first boot until the provisioner sets the name, each clone announces the old one to DHCP and DNS; when provisioning fails it keeps it.',
  remediation: 'Set the host name to localhost.localdomain, or empty /etc/hostname, and remove the old name elsewhere.',
  fix: ['echo localhost.localdomain > /etc/hostname'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/deprovision/default.py',
  ],
  covers: ['gen-hostname-reset'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { hostname },
  check({ hostname }) {
    const leftovers = hostname.settings.filter(({ isNeutral }) => !isNeutral);
    return judge(
      leftovers.map(({ use, name, evidence }) =>
        finding(`${meanings[use]} ${name}, the name of the build machine`, evidence, {
          subject: `${use} ${name}`,
          ...(minor.includes(use) && { severity: 'info' }),
        }),
      ),
      hostname.settings.filter(({ use }) => use === 'static').map(({ evidence }) => evidence),
      hostname.unread,
    );
  },
});
