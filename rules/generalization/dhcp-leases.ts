import { type DhcpLeaseFile, defineRule, dhcpLeases, finding, judge } from '../../src/rule-api.ts';

function message({ kind, program, address }: DhcpLeaseFile): string {
  if (kind === 'lease') return `${program} keeps a lease${address ? ` of ${address}` : ''} from the build network`;
  if (kind === 'identity') return `${program} keeps a client identity that all clones would share`;
  return `${program} keeps a record of the networks of the build machine`;
}

export default defineRule({
  id: 'generalization/dhcp-leases',
  title: 'No DHCP leases or client identities of the build machine are left',
  severity: 'warning',
  rationale:
    'On the first boot a DHCP client asks for the address it remembers, which belongs to the build network, and clones that share a client identity are given each other’s addresses.',
  remediation: 'Delete the lease files and the identity files of the DHCP clients; they are made again on boot.',
  fix: [
    'rm -f /var/lib/dhclient/* /var/lib/dhcpcd/* /var/lib/dhcp/* /var/lib/wicked/*',
    'rm -f /var/lib/NetworkManager/{*.lease,secret_key,timestamps,seen-bssids}',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-custom-image-provisioning-errors',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/deprovision/default.py',
  ],
  covers: ['gen-dhcp-leases-removed'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { dhcpLeases },
  check({ dhcpLeases }) {
    const findings = dhcpLeases.files.map((file) =>
      finding(message(file), file.evidence, file.kind === 'lease' ? {} : { severity: 'info' }),
    );
    return judge(findings, [], dhcpLeases.unread);
  },
});
