import {
  defineRule,
  finding,
  type GeneratedNetwork,
  type GeneratedNetworkFile,
  generatedNetwork,
  judge,
  type NetworkBinding,
  type Severity,
} from '../../src/rule-api.ts';

const traits: Readonly<Record<NetworkBinding, string>> = {
  'hardware-address': 'is bound to the hardware address of the build machine',
  'static-address': 'sets a fixed address of the build network',
  'other-interface': 'is for an interface that no virtual machine in Azure has',
  'first-interface': 'is for one interface by its name',
  'any-interface': 'is for any interface',
  none: 'comes from the build machine',
};

/** Undefined: what distributions ship on purpose. */
function severityOf(file: GeneratedNetworkFile, cloudInitConfigures: boolean): Severity | undefined {
  const isTied = file.binding === 'hardware-address' || file.binding === 'static-address';
  if (file.writtenByCloudInit && cloudInitConfigures) return file.binding === 'none' ? 'info' : 'warning';
  if (isTied || (file.writtenByCloudInit && file.binding === 'other-interface')) return 'error';
  if (file.binding === 'other-interface') return 'warning';
  return file.writtenByCloudInit || (file.binding === 'first-interface' && file.dhcp.length > 0) ? 'info' : undefined;
}

function origin(file: GeneratedNetworkFile, off: GeneratedNetwork['cloudInitNetworkingOff']): string {
  if (!file.writtenByCloudInit) return '';
  const fate = off ? `nothing replaces it: ${off.reason}` : 'the first boot writes its own';
  return `; cloud-init wrote it there, and ${file.rewrittenOnFirstBoot ? 'replaces it on the first boot' : fate}`;
}

export default defineRule({
  id: 'network/generated-config',
  title: 'No network configuration generated for the build machine is left',
  severity: 'error',
  rationale:
    'On the first boot a file with the hardware address, the fixed address or the interface names of the build machine competes with the configuration for the new one, and the virtual machine may come up without a network.',
  remediation:
    'Delete the generated files; cloud-init or the distribution’s default brings the first interface up by DHCP.',
  fix: [
    'rm -f /etc/netplan/{00-installer-config,01-netcfg,50-cloud-init}.yaml',
    'rm -f /etc/NetworkManager/system-connections/cloud-init-*.nmconnection',
    'rm -f /etc/systemd/network/10-cloud-init-*.network /etc/network/interfaces.d/50-cloud-init*',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/cmd/clean.py',
  ],
  covers: ['ci-netplan-leftovers-removed'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { generatedNetwork },
  check({ generatedNetwork }) {
    const { files, cloudInitNetworkingOff: off, unread } = generatedNetwork;
    const findings = files.flatMap((file) => {
      const severity = severityOf(file, off === undefined);
      const values = file.bindingValues.length > 0 ? ` (${file.bindingValues.join(', ')})` : '';
      const message = `${file.path} ${traits[file.binding]}${values}${origin(file, off)}`;
      return severity ? finding(message, file.evidence, { severity, subject: file.path }) : [];
    });
    return judge(findings, [], unread);
  },
});
