import {
  cloudInit,
  defineRule,
  dhcpClients,
  type FindingDraft,
  finding,
  firstBoot,
  firstNic,
  installPackages,
  judge,
  notForCloudInit,
} from '../../src/rule-api.ts';

/** Clients that cloud-init runs itself, and the release that learned to. */
const since: Readonly<Record<string, number>> = { dhclient: 0, udhcpc: 23.3, dhcpcd: 24.1 };

export default defineRule({
  id: 'network/dhcp-client',
  title: 'A DHCP client is installed that the provisioner and the network service can run',
  severity: 'error',
  rationale:
    'Without a client the virtual machine gets no address. cloud-init runs one of its own choice on the first boot, before the network service, and without it can neither reach the metadata service nor report ready.',
  remediation: 'Install dhcpcd or dhclient.',
  fix: installPackages({
    rhel: 'dhcp-client   # dhcpcd since EL 10',
    fedora: 'dhcpcd',
    debian: 'isc-dhcp-client',
    suse: 'dhcp-client',
    azurelinux: 'dhcpcd',
  }),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/cloud-init-troubleshooting',
    'https://learn.microsoft.com/azure/virtual-machines/linux/no-agent',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/net/dhcp.py',
  ],
  covers: ['net-dhcp-client-present', 'ci-dhcp-client-known'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { dhcpClients, cloudInit, firstBoot, firstNic },
  check({ dhcpClients: { programs }, cloudInit: init, firstBoot: boot, firstNic: nic }, { imageType }) {
    const evidence = programs.map((each) => each.evidence);
    if (programs.length === 0) return judge([finding('no DHCP client is installed')]);
    const names = programs.map(({ program }) => program);
    const separate = names.filter((name) => name in since);
    const findings: FindingDraft[] = [];
    const needsOne = nic.services.filter(({ stack }) => stack === 'ifupdown' || stack === 'network-scripts');
    const usesCloudInit = imageType === 'generalized' && notForCloudInit(init, boot) === undefined;
    if (separate.length === 0 && usesCloudInit) {
      const message = `cloud-init finds no DHCP client that it can run; it knows dhclient, dhcpcd and udhcpc, not ${names.join(' or ')}`;
      findings.push(finding(message, evidence));
    } else if (separate.length === 0 && needsOne.length > 0 && needsOne.length === nic.services.length) {
      const message = `${needsOne.map(({ stack }) => stack).join(' and ')} needs dhclient, dhcpcd or udhcpc, and none is installed`;
      findings.push(
        finding(
          message,
          needsOne.flatMap((service) => service.evidence),
        ),
      );
    } else if (usesCloudInit) {
      const wanted = init.config.get('system_info', 'network', 'dhcp_client_priority');
      const listed = Array.isArray(wanted) ? wanted.map(String) : undefined;
      const version = Number.parseFloat(init.version?.text ?? '');
      if (listed && !separate.some((name) => listed.includes(name))) {
        const origin = init.config.origin('system_info', 'network', 'dhcp_client_priority');
        const message = `dhcp_client_priority allows ${listed.join(', ')}, but only ${separate.join(', ')} is installed`;
        findings.push(finding(message, origin ?? evidence));
      } else if (separate.every((name) => version < (since[name] ?? 0))) {
        const message = `cloud-init ${init.version?.text} knows only dhclient, unless its packager taught it ${separate.join(' or ')}`;
        findings.push(finding(message, evidence, { severity: 'warning' }));
      }
    }
    return judge(findings, evidence, usesCloudInit ? init.config.unread : []);
  },
});
