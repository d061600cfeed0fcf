import {
  defineRule,
  distribution,
  type FindingDraft,
  finding,
  firstNic,
  judge,
  networkDefaults,
  type Severity,
} from '../../src/rule-api.ts';

const tested = /\/(?:cloud-init-)?eth0\.nmconnection$/;

export default defineRule({
  id: 'network/sysconfig',
  title: 'The network files that Microsoft’s image test reads are as it wants them',
  severity: 'error',
  rationale:
    'The SysV network service of EL 6 and EL 7 does nothing at boot without NETWORKING=yes, and the certification of an image reads that file and the profile of eth0.',
  remediation:
    'Write NETWORKING=yes to /etc/sysconfig/network, and the lines DEVICE=eth0, BOOTPROTO=dhcp and ONBOOT=yes to ifcfg-eth0.',
  fix: ["grep -q '^NETWORKING=' /etc/sysconfig/network || echo 'NETWORKING=yes' >> /etc/sysconfig/network"],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/oracle-create-upload-vhd',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/azure_image_standard.py',
  ],
  covers: ['net-sysconfig-network', 'fedora-nm-profile'],
  lisa: ['azure_image_standard.verify_network_file_configuration'],
  needs: ['rootfs'],
  appliesTo: { families: ['rhel', 'oracle', 'fedora'] },
  facts: { distribution, networkDefaults, firstNic },
  check({ distribution: system, networkDefaults: defaults, firstNic: nic }, { profiles }) {
    const version = Number.parseFloat(system?.versionId ?? '');
    const isFedora = system?.family === 'fedora';
    const advice: Severity = profiles.includes('marketplace') ? 'warning' : 'info';
    if (isFedora && version >= 39) {
      const hasProfile = nic.cloudInitOff === undefined || nic.profiles.some(({ path }) => tested.test(path));
      const message = 'there is no profile eth0 of NetworkManager, and cloud-init does not write one on the first boot';
      return judge(
        hasProfile ? [] : [finding(message, nic.cloudInitOff?.evidence, { severity: 'info', restsOnAbsence: true })],
        [],
        nic.cloudInitOff ? nic.unread : nic.cloudInitUnread,
      );
    }
    const findings: FindingDraft[] = [];
    const { networking, ifcfgRecipe: recipe } = defaults;
    const isOld = !isFedora && version < 8;
    const value = networking?.setting?.value;
    if (value?.toLowerCase() !== 'yes' && defaults.unread.length === 0) {
      const isOnlyStack = nic.services.every(({ stack }) => stack === 'network-scripts') && nic.services.length > 0;
      const stops = isOld && value?.toLowerCase() === 'no' && isOnlyStack;
      const state = value === undefined ? 'is not set' : `is ${value}`;
      const message = `NETWORKING ${state} in /etc/sysconfig/network; yes is wanted${stops ? ', and the only network service asks for it' : ''}`;
      const place = networking?.setting?.evidence ?? networking?.file ?? [];
      findings.push(
        finding(message, place, { severity: stops ? 'error' : isOld ? 'warning' : advice, subject: 'NETWORKING' }),
      );
    }
    const works = nic.claims.some(({ addressing }) => addressing === 'dhcp');
    if (recipe && recipe.missing.length > 0 && nic.cloudInitOff && works) {
      const message = `${recipe.file.path} lacks ${recipe.missing.join(', ')} in exactly this form; DHCP works without`;
      findings.push(finding(message, recipe.file, { severity: advice, subject: 'ifcfg' }));
    }
    return judge(findings, networking ? [networking.setting?.evidence ?? networking.file] : [], [
      ...defaults.unread,
      ...nic.unread,
      ...nic.cloudInitUnread,
    ]);
  },
});
