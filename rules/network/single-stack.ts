import { defineRule, finding, firstNic, judge, notApplicable } from '../../src/rule-api.ts';

export default defineRule({
  id: 'network/single-stack',
  title: 'One network service configures the first interface',
  severity: 'warning',
  rationale:
    'Two services that configure eth0 replace each other’s addresses and routes after boot, at times only on a renewal of the lease.',
  remediation: 'Disable the service that your configuration is not written for.',
  fix: {
    ubuntu: ['systemctl --root=/ disable NetworkManager.service'],
    azurelinux: ['systemctl --root=/ disable NetworkManager.service'],
    flatcar: ['systemctl --root=/ disable NetworkManager.service'],
    default: ['systemctl --root=/ disable systemd-networkd.service systemd-networkd.socket'],
  },
  references: ['https://learn.microsoft.com/azure/virtual-network/accelerated-networking-overview'],
  covers: ['net-single-network-stack'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { firstNic },
  check({ firstNic: { claims, services, unread } }) {
    if (services.length === 0) return notApplicable('no network service starts at boot, which network/service reports');
    const stacks = claims.map(({ stack }) => stack);
    // The scripts of the RHEL family hand an interface over to NetworkManager where it runs.
    const cooperate = stacks.length === 2 && stacks.includes('NetworkManager') && stacks.includes('network-scripts');
    const evidence = claims.flatMap((claim) => claim.evidence.slice(0, 1));
    if (stacks.length < 2 || cooperate) return judge([], evidence, unread);
    const ways = claims.map(({ stack, by, profile }) => `${stack} (${profile ? profile.path : by})`);
    return judge(
      [finding(`eth0 is configured by ${ways.join(' and by ')}`, evidence, { restsOnAbsence: true })],
      [],
      unread,
    );
  },
});
