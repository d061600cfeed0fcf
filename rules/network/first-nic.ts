import {
  defineRule,
  type FindingDraft,
  finding,
  firstBoot,
  firstNic,
  type GeneratedNetworkFile,
  generatedNetwork,
  judge,
  type NicObstacle,
  type NicProfile,
  notApplicable,
  unknown,
  useDhcp,
} from '../../src/rule-api.ts';

const problems: Readonly<Record<NicObstacle['kind'], (obstacle: NicObstacle) => string>> = {
  'invalid-netplan': ({ path, value }) => `netplan configures nothing, because ${path} is no valid YAML: ${value}`,
  'hardware-address': ({ path, value }) =>
    `${path} is for the hardware address ${value} only, and each new virtual machine has another`,
  refused: ({ path, value }) => `NetworkManager refuses ${path} for its ${value}; it wants owner 0 and mode 0600`,
  idle: ({ path, value }) => `${path} does not bring eth0 up at boot: ${value}`,
  unread: ({ path }) => `no service that starts at boot reads ${path}`,
  'without-dhcp': ({ path }) => `${path} brings eth0 up without DHCP`,
  unmanaged: ({ value }) => `NetworkManager does not configure eth0 by itself: ${value}`,
};

/** A file that is for eth0 explains more than what NetworkManager would do without one. */
function explain(obstacles: readonly NicObstacle[]): FindingDraft[] {
  const ofFiles = obstacles.filter(({ kind }) => kind !== 'unmanaged');
  const told = ofFiles.length > 0 ? ofFiles : obstacles;
  return told.map((each) =>
    finding(problems[each.kind](each), each.evidence, { subject: each.path, restsOnAbsence: true }),
  );
}

/** Files for another machine beside one that works: they are of no use, and may get in the way. */
function leftover({ path, hardwareAddresses, givenHardwareAddresses: [given] }: NicProfile): FindingDraft[] {
  const message = given
    ? `${path} gives its interface the hardware address ${given.value}; Azure drops packets that do not bear its own`
    : `${path} is for the hardware address ${hardwareAddresses[0]?.value} only, so that nothing of it applies to a new virtual machine`;
  const places = given ? [given] : hardwareAddresses.slice(0, 1);
  return places.map(({ evidence }) => finding(message, evidence, { severity: 'warning', subject: path }));
}

export default defineRule({
  id: 'network/first-nic',
  title: 'The first network interface comes up at boot with DHCP, whatever its hardware address',
  severity: 'error',
  rationale:
    'Azure hands out addresses by DHCP only, and each virtual machine has a hardware address of its own. Otherwise the machine is unreachable from the first boot on, and provisioning times out.',
  remediation: 'Configure eth0 for DHCP in the service that starts at boot, without a hardware address.',
  fix: useDhcp,
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/stages.py',
  ],
  covers: ['net-primary-nic-dhcp', 'net-no-mac-binding', 'ci-network-config-not-disabled', 'net-nm-controlled'],
  lisa: ['azure_image_standard.verify_ifcfg_eth0'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { firstNic, generatedNetwork, firstBoot },
  check({ firstNic: nic, generatedNetwork: generated, firstBoot: { generalized } }, { imageType }) {
    const { services, claims, cloudInitOff: off } = nic;
    if (services.length === 0) return notApplicable('no network service starts at boot, which network/service reports');
    const isReported = ({ binding }: GeneratedNetworkFile) => binding !== 'none' && binding !== 'any-interface';
    const reported = imageType === 'generalized' ? generated.files.filter(isReported) : [];
    const isOwn = ({ path }: { readonly path: string }) => !reported.some((file) => file.path === path);
    const dhcp = claims.find(({ addressing }) => addressing === 'dhcp');
    if (off === undefined || dhcp) {
      if (off && dhcp?.profile?.fit === 'undecided')
        return unknown(`only a running machine shows whether ${dhcp.profile.path} is for eth0`);
      const others = nic.profiles.filter((profile) => isOwn(profile) && (off || !profile.writtenByCloudInit));
      const evidence = (dhcp ? [dhcp] : services).flatMap((each) => each.evidence.slice(0, 1));
      return judge(others.flatMap(leftover), evidence, [...(dhcp ? [] : nic.cloudInitUnread), ...nic.unread]);
    }
    const tied = reported.find(({ binding }) => ['hardware-address', 'static-address'].includes(binding));
    if (tied) return notApplicable(`network/generated-config reports ${tied.path}`);
    const fixed = claims.find(({ addressing }) => addressing === 'static');
    if (fixed?.profile) return notApplicable(`network/build-addresses reports ${fixed.profile.path}`);
    const found = explain(nic.obstacles.filter(isOwn));
    if (found.length + nic.unread.length > 0) return judge(found, [], nic.unread);
    if (imageType === 'generalized' && !off.onPurpose && generalized.failure !== undefined)
      return notApplicable(`another rule reports why the first boot fails: ${generalized.summary}`);
    const names = services.map(({ stack }) => stack).join(' and ');
    const what = nic.renaming ? `eth0, renamed by ${nic.renaming.text},` : 'eth0';
    return judge([finding(`${names} starts, but nothing configures ${what} with DHCP; ${off.reason}`, off.evidence)]);
  },
});
