import { azureEndpoints, defineRule, finding, judge, steps } from '../../src/rule-api.ts';

export default defineRule({
  id: 'provisioning/platform-access',
  title: 'Firewall rules and routes leave the wire server and the metadata service within reach',
  severity: 'warning',
  rationale:
    'cloud-init and the agent talk to 168.63.129.16 and 169.254.169.254: when a rule drops that, the first boot times out and extensions never start.',
  remediation: 'Let root reach 168.63.129.16 and 169.254.169.254, or delete the rule.',
  fix: steps('iptables -I OUTPUT -d 168.63.129.16 -j ACCEPT', {
    rhel: ['iptables-save > /etc/sysconfig/iptables'],
    debian: ['iptables-save > /etc/iptables/rules.v4'],
    azurelinux: ['iptables-save > /etc/systemd/scripts/ip4save'],
    flatcar: ['iptables-save > /var/lib/iptables/rules-save'],
  }),
  references: [
    'https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16',
    'https://learn.microsoft.com/azure/virtual-machines/linux/cloud-init-troubleshooting',
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-azure-guest-agent',
  ],
  covers: ['prov-wireserver-not-blocked'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { azureEndpoints },
  check({ azureEndpoints: { blocked, filters, unread } }) {
    const findings = blocked.map(({ endpoint: { name, address }, port, how, evidence }) => {
      const where = port === undefined ? address : `${address} port ${port}`;
      return finding(`${how} keeps root from ${name}, ${where}`, evidence, { subject: `${how} ${address}` });
    });
    return judge(findings, filters, unread);
  },
});
