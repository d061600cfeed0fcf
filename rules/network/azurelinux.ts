import { defineRule, distribution, finding, judge, networkDefaults } from '../../src/rule-api.ts';

export default defineRule({
  id: 'network/azurelinux',
  title: 'Azure Linux keeps networkd.conf and sends its host name by DHCP',
  severity: { base: 'info', marketplace: 'warning' },
  rationale:
    'Without the option the name service of the virtual network does not learn the name of the virtual machine, and the certification of the image fails.',
  remediation: 'Restore networkd.conf, and add the host-name option to the configuration of the DHCP client.',
  fix: ["echo 'option host_name' >> /etc/dhcpcd.conf"],
  references: ['https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/azure_image_standard.py'],
  covers: ['net-azurelinux-config'],
  lisa: [
    'azure_image_standard.verify_network_file_configuration',
    'azure_image_standard.verify_dhcp_file_configuration',
  ],
  needs: ['rootfs'],
  appliesTo: { families: ['azurelinux'] },
  facts: { distribution, networkDefaults },
  check({ distribution: system, networkDefaults: { networkdConf, hostNameOption, unread } }) {
    const version = Number.parseFloat(system?.versionId ?? '');
    const configuration = version >= 4 ? '/usr/lib/systemd/networkd.conf' : '/etc/systemd/networkd.conf';
    const [client, option] =
      version >= 3 ? ['/etc/dhcpcd.conf', 'option host_name'] : ['/etc/dhcp/dhclient.conf', 'host-name'];
    const lines = hostNameOption.filter(({ path }) => path === client);
    return judge(
      [
        ...(networkdConf.some(({ path }) => path === configuration)
          ? []
          : [finding(`${configuration} is missing`, [], { subject: configuration, restsOnAbsence: true })]),
        ...(lines.length > 0
          ? []
          : [finding(`${client} lacks "${option}"`, { path: client }, { subject: option, restsOnAbsence: true })]),
      ],
      lines,
      unread,
    );
  },
});
