import {
  defineRule,
  distribution,
  enableUnit,
  finding,
  firstNic,
  judge,
  networkServices,
  pass,
  unknown,
} from '../../src/rule-api.ts';

/** Families whose network services are all known here. */
const known = ['rhel', 'fedora', 'oracle', 'debian', 'ubuntu', 'suse', 'azurelinux', 'flatcar'];

export default defineRule({
  id: 'network/service',
  title: 'A network service starts at boot',
  severity: 'error',
  rationale: 'Without a service that brings interfaces up the virtual machine has no address on any boot.',
  remediation: 'Enable the network service of the distribution.',
  fix: enableUnit('systemd-networkd.service', {
    rhel: 'NetworkManager.service',
    debian: 'networking.service',
    ubuntu: 'systemd-networkd.service',
    suse: 'wicked.service   # NetworkManager.service since SUSE Linux Enterprise 16',
  }),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/oracle-create-upload-vhd',
  ],
  covers: ['net-networkmanager-enabled-el8'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { networkServices, firstNic, distribution },
  check({ networkServices: { services }, firstNic: { services: starting }, distribution: system }) {
    const evidence = starting.flatMap((service) => service.evidence.slice(0, 1));
    if (starting.length > 0) {
      const isEnterprise = system?.family === 'rhel' || system?.family === 'oracle';
      const isNew = Number.parseFloat(system?.versionId ?? '') >= 8;
      const foreign = starting.every(({ stack }) => stack === 'systemd-networkd');
      if (!isEnterprise || !isNew || !foreign) return pass(evidence);
      const message = `systemd-networkd is the only network service that starts; ${system.id} ${system.versionId} is tested with NetworkManager`;
      return judge([finding(message, evidence, { severity: 'warning' })]);
    }
    if (system === undefined || !known.includes(system.family)) {
      return unknown(
        `none of the known network services starts, and ${system?.id ?? 'the distribution'} may have another`,
      );
    }
    if (services.length === 0) return judge([finding('no network service is installed', system.evidence.slice(0, 1))]);
    const states = services.map(({ unit }) => `${unit.name} is ${unit.state}`);
    const places = services.flatMap((service) => service.evidence);
    return judge([finding(`no network service starts at boot: ${states.join(', ')}`, places)]);
  },
});
