import {
  defineRule,
  type FindingDraft,
  finding,
  firstNic,
  judge,
  notApplicable,
  udevRules,
  virtualFunction,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'network/virtual-function',
  title: 'The network service leaves the virtual function of accelerated networking alone',
  severity: 'warning',
  rationale:
    'Azure bonds the virtual function to the first interface. A service that configures it as a second one makes the virtual machine lose its connection as soon as accelerated networking is on.',
  remediation: 'Install azure-vm-utils, or mark the interface as unmanaged.',
  fix: [
    "printf '[keyfile]\\nunmanaged-devices=driver:mlx4_core;driver:mlx5_core\\n' > /etc/NetworkManager/conf.d/99-azure-unmanaged-devices.conf",
    "printf '[Match]\\nDriver=mlx4_en mlx5_en mlx4_core mlx5_core mana\\n[Link]\\nUnmanaged=yes\\n' > /etc/systemd/network/01-azure-unmanaged-sriov.network",
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-network/accelerated-networking-overview',
    'https://learn.microsoft.com/azure/virtual-machines/linux/azure-virtual-machine-utilities',
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
  ],
  covers: ['an-vf-unmanaged-networkmanager', 'an-vf-unmanaged-networkd'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { profiles: ['accelerated-networking'] },
  facts: { firstNic, udevRules, virtualFunction },
  check({ firstNic: { services, unread }, udevRules: { unread: unreadRules }, virtualFunction: found }) {
    const runs = (name: string) => services.find(({ stack }) => stack === name);
    const [manager, networkd] = [runs('NetworkManager'), runs('systemd-networkd')];
    if (!manager && !networkd) return notApplicable('neither NetworkManager nor systemd-networkd starts at boot');
    const findings: FindingDraft[] = [];
    if (manager && found.leftByNetworkManager.length === 0) {
      const message = 'nothing makes NetworkManager leave the drivers mlx4_core and mlx5_core alone';
      findings.push(finding(message, manager.evidence, { subject: 'NetworkManager', restsOnAbsence: true }));
    }
    if (networkd && found.takenByNetworkd) {
      const message = `systemd-networkd configures the virtual function by ${found.takenByNetworkd.path}`;
      findings.push(finding(message, found.takenByNetworkd, { subject: 'systemd-networkd', restsOnAbsence: true }));
    }
    return judge(findings, [...found.leftByNetworkManager, ...found.leftByNetworkd], [...unread, ...unreadRules]);
  },
});
