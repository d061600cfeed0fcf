import {
  cloudInit,
  cloudInitNetwork,
  defineRule,
  type FindingDraft,
  finding,
  installerLeftovers,
  judge,
  notApplicable,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'cloud-init/network-config',
  title: 'cloud-init takes the network configuration from Azure, not from the build machine',
  severity: 'error',
  rationale:
    'A network block in /etc/cloud goes before what Azure says of the virtual machine, so that the addresses and interfaces of the build machine are set up on the first boot.',
  remediation: 'Delete the network block.',
  fix: ["grep -l '^network:' /etc/cloud/cloud.cfg /etc/cloud/cloud.cfg.d/*.cfg   # delete the block or the file"],
  references: [
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/stages.py',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/sources/DataSourceAzure.py',
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
  ],
  covers: ['ci-no-build-network-config', 'ci-apply-network-config'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { cloudInit, cloudInitNetwork, installerLeftovers },
  check({ cloudInit: init, cloudInitNetwork: network, installerLeftovers: leftovers }) {
    if (!init.installed) return notApplicable('cloud-init is not installed');
    const { evidence, addresses, hardwareAddresses, names, applyNetworkConfig: applied } = network;
    const leftover = leftovers.files.find(
      ({ path, traits }) => traits.length > 0 && evidence.some((place) => place.path === path),
    );
    if (leftover) return notApplicable(`cloud-init/installer-leftovers reports ${leftover.path}`);
    const findings: FindingDraft[] = [];
    const [address, bound] = [addresses[0], hardwareAddresses[0]];
    if (address)
      findings.push(
        finding(`the network block sets the fixed address ${address.value}`, address.evidence, { subject: 'address' }),
      );
    if (bound)
      findings.push(
        finding(`the network block is for the hardware address ${bound.value} of the build machine`, bound.evidence, {
          subject: 'mac',
        }),
      );
    if (network.block === 'present' && findings.length === 0) {
      findings.push(
        network.configuresFirstNic
          ? finding('the network block asks for DHCP on eth0, which cloud-init does without it', evidence, {
              severity: 'info',
            })
          : finding(
              `the network block configures ${names.join(', ') || 'no interface'}, and not eth0 with DHCP`,
              evidence,
            ),
      );
    }
    if (applied && typeof applied.value !== 'boolean') {
      const message = `apply_network_config is ${JSON.stringify(applied.value)}, which cloud-init takes for ${applied.value ? 'true' : 'false'}; write true or false`;
      findings.push(finding(message, applied.evidence, { severity: 'info', subject: 'apply_network_config' }));
    }
    return judge(findings, applied?.evidence, init.config.unread);
  },
});
