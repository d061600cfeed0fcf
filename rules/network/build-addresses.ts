import {
  defineRule,
  dropFixedAddresses,
  finding,
  firstNic,
  generatedNetwork,
  judge,
  type NicProfile,
  networkDefaults,
  type Severity,
} from '../../src/rule-api.ts';

/** Azure's own services, the same in every virtual network. */
const platform = /^(?:169\.254\.169\.254|168\.63\.129\.16)\b/;

/** An address of eth0 keeps the machine off its network, unless DHCP gives it the right one besides. */
function severityOf({ fit, addressing, readBy }: NicProfile, isRewritten: boolean): Severity {
  if (readBy.length === 0) return 'info';
  const isFirst = fit === 'first-nic' || fit === 'undecided';
  return isFirst && addressing === 'static' && !isRewritten ? 'error' : 'warning';
}

export default defineRule({
  id: 'network/build-addresses',
  title: 'No address, gateway, route or name server of the build network is configured',
  severity: 'error',
  rationale:
    'A virtual machine that keeps an address of another network is unreachable from its first boot on; foreign routes and name servers make single destinations fail.',
  remediation: 'Delete the fixed settings and let DHCP supply address, gateway and name servers.',
  fix: dropFixedAddresses,
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-custom-image-provisioning-errors',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/cannot-connect-linux-network',
    'https://learn.microsoft.com/azure/security/fundamentals/azure-marketplace-images',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
  ],
  covers: ['net-no-static-addressing', 'net-sles-no-ifcfg-eth'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { firstNic, generatedNetwork, networkDefaults },
  check({ firstNic: nic, generatedNetwork: generated, networkDefaults: defaults }, { imageType }) {
    const tied = generated.files.filter(({ binding }) => binding !== 'none' && binding !== 'any-interface');
    const reported = imageType === 'generalized' ? tied.map(({ path }) => path) : [];
    const cloudInitWrites = nic.cloudInitOff === undefined;
    const profiles = nic.profiles.filter(
      ({ path, writtenByCloudInit }) => !reported.includes(path) && !(writtenByCloudInit && cloudInitWrites),
    );
    const findings = profiles.flatMap((profile) => {
      const { path, addresses, gateways, routes, nameServers } = profile;
      const listed = (values: NicProfile['addresses']) => values.filter(({ value }) => !platform.test(value));
      const [address] = addresses;
      if (address) {
        const what = addresses.map(({ value }) => value).join(', ');
        const note = profile.readBy.length === 0 ? '; no service that starts at boot reads it' : '';
        // cloud-init writes this very file anew.
        const isRewritten = cloudInitWrites && /\/ifcfg-eth0$/.test(path);
        const severity = severityOf(profile, isRewritten);
        return [
          finding(`${path} sets the fixed address ${what}${note}`, address.evidence, { severity, subject: path }),
        ];
      }
      const kinds = [
        ['gateway', gateways],
        ['route to', routes],
        ['name server', nameServers],
      ] as const;
      return kinds.flatMap(([kind, values]) => {
        const [first, ...more] = listed(values);
        if (!first || profile.readBy.length === 0) return [];
        const what = [first, ...more].map(({ value }) => value).join(', ');
        const message = `${path} sets the ${kind} ${what}, which DHCP supplies`;
        return [finding(message, first.evidence, { severity: 'warning', subject: `${path} ${kind}` })];
      });
    });
    const loose = defaults.routes.filter(({ value }) => !platform.test(value));
    const ofRoutes = loose.map(({ kind, value, evidence }) => {
      if (kind === 'address') return finding(`ip=${value} on the kernel command line fixes the address`, evidence);
      const what = kind === 'gateway' ? 'default gateway' : 'route to';
      return finding(`a ${what} ${value} of the build network is left`, evidence, { severity: 'warning' });
    });
    return judge([...findings, ...ofRoutes], [], [...nic.unread, ...defaults.unread]);
  },
});
