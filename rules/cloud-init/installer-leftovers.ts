import { defineRule, finding, installerLeftovers, judge, type LeftoverTrait } from '../../src/rule-api.ts';

const harm: Readonly<Record<LeftoverTrait, string>> = {
  'no-data-source': 'allows no data source but None',
  'password-hash': 'carries the password hash of the installed user',
  'fixed-network': 'pins the network of the build machine',
  'network-off': 'keeps cloud-init from configuring the network',
};

export default defineRule({
  id: 'cloud-init/installer-leftovers',
  title: "The installer's cloud-init files are gone",
  severity: 'error',
  rationale:
    "The files that Ubuntu's installer writes for its own machine make cloud-init ignore Azure, keep the first boot " +
    "off the network, or carry the installer's user and password hash into every clone.",
  remediation: 'Delete the files that the installer left in /etc/cloud/cloud.cfg.d.',
  fix: [
    'cd /etc/cloud/cloud.cfg.d',
    'rm -f 50-curtin-networking.cfg 90-installer-network.cfg 99-installer.cfg curtin-preserve-sources.cfg',
    'rm -f subiquity-disable-cloudinit-networking.cfg',
  ],
  references: ['https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu'],
  covers: ['ci-installer-leftovers-removed'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { installerLeftovers },
  check({ installerLeftovers: { files, unread } }) {
    const findings = files.map(({ path, traits }) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      const kinds = [...new Set(traits.map(({ trait }) => trait))];
      const message = `${name} of the installer ${kinds.map((kind) => harm[kind]).join(' and ') || 'is still in the image'}`;
      const fatal = kinds.some((kind) => kind !== 'network-off');
      const evidence = traits.length > 0 ? traits.map((one) => one.evidence) : { path };
      return finding(message, evidence, { severity: fatal ? 'error' : 'warning', subject: path });
    });
    return judge(findings, [], unread);
  },
});
