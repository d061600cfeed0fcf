import { defineRule, finding, judge, networkDefaults, networkServices, notApplicable } from '../../src/rule-api.ts';

const path = '/etc/sysconfig/network/dhcp';
const literal = 'DHCLIENT_SET_HOSTNAME="no"';

export default defineRule({
  id: 'network/suse-dhcp',
  title: 'DHCP leaves the host name alone on SUSE',
  severity: 'warning',
  rationale: 'The host name that provisioning sets on the first boot is replaced when the lease is renewed.',
  remediation: `Write ${literal} to ${path}.`,
  fix: [`sed -i 's/^DHCLIENT_SET_HOSTNAME=.*/${literal}/' ${path}`],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/azure_image_standard.py',
  ],
  covers: ['net-sles-dhclient-set-hostname'],
  lisa: ['azure_image_standard.verify_dhcp_file_configuration'],
  needs: ['rootfs'],
  appliesTo: { families: ['suse'] },
  facts: { networkDefaults, networkServices },
  check({ networkDefaults: { setsHostName, unread }, networkServices: { services } }) {
    const wicked = services.find(({ stack, starts }) => stack === 'wicked' && starts !== 'never');
    if (!setsHostName && !wicked && unread.length === 0)
      return notApplicable(`wicked does not start, and there is no ${path}`);
    if (!setsHostName) {
      const findings =
        unread.length > 0 ? [] : [finding(`${path} is missing; ${literal} is wanted there`, wicked?.evidence)];
      return judge(findings, [], unread);
    }
    const { setting, file } = setsHostName;
    if (setting?.value !== 'no') {
      const state = setting ? `is ${setting.value}` : 'is not set';
      return judge([finding(`DHCLIENT_SET_HOSTNAME ${state} in ${path}; "no" is wanted`, setting?.evidence ?? file)]);
    }
    if (setting.evidence.text?.includes(literal)) return judge([], [setting.evidence]);
    const message = `Microsoft’s image test looks for ${literal}, in double quotes`;
    return judge([finding(message, setting.evidence, { severity: 'info' })]);
  },
});
