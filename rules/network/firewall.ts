import { defineRule, type FindingDraft, finding, firewall, judge } from '../../src/rule-api.ts';

export default defineRule({
  id: 'network/firewall',
  title: 'A Marketplace image lets SSH in and leaves filtering to network security groups',
  severity: 'warning',
  rationale:
    'The certification connects to port 22 of a virtual machine made from the image, and customers filter with network security groups, which they can see.',
  remediation: 'Open port 22, or do not start the packet filter.',
  fix: {
    debian: ['ufw allow 22/tcp'],
    rhel: ['firewall-offline-cmd --zone=public --add-service=ssh'],
    suse: ['firewall-offline-cmd --zone=public --add-service=ssh'],
    default: ['systemctl --root=/ disable nftables.service iptables.service'],
  },
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/security/fundamentals/azure-marketplace-images',
    'https://learn.microsoft.com/legal/marketplace/certification-policies',
  ],
  covers: ['marketplace-no-firewall-rules'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { profiles: ['marketplace'] },
  facts: { firewall },
  check({ firewall: { firewalls, unread } }) {
    const findings = firewalls.flatMap(({ tool, ssh, reason, hasOwnRules, evidence }): FindingDraft[] => {
      if (ssh === 'closed') return [finding(`${tool} keeps port 22 closed: ${reason}`, evidence, { subject: tool })];
      if (ssh === 'undecided') {
        return [finding(`${tool} may keep port 22 closed: ${reason}`, evidence, { severity: 'info', subject: tool })];
      }
      return hasOwnRules
        ? [finding(`${tool} starts with rules of its own`, evidence, { severity: 'info', subject: tool })]
        : [];
    });
    return judge(
      findings,
      firewalls.flatMap(({ evidence }) => evidence.slice(0, 1)),
      unread,
    );
  },
});
