import { defineRule, dhcpClients, finding, judge } from '../../src/rule-api.ts';

const wanted = 300;

export default defineRule({
  id: 'network/dhcp-timeout',
  title: 'The DHCP client waits at least 300 seconds',
  severity: 'warning',
  rationale:
    'On a slow first boot the platform may answer late; a client that gave up before leaves the virtual machine without an address.',
  remediation: 'Set the timeout to 300 seconds or remove it.',
  fix: ["printf '[connection]\\nipv4.dhcp-timeout=300\\n' > /etc/NetworkManager/conf.d/99-dhcp-timeout.conf"],
  references: ['https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/dhcp.py'],
  covers: ['net-dhcp-timeout-300'],
  lisa: ['dhcp.verify_dhcp_client_timeout'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { dhcpClients },
  check({ dhcpClients: { programs, timeouts, unread } }) {
    const installed = timeouts.filter(({ program }) => programs.some((each) => each.program === program));
    const findings = installed
      .filter(({ seconds }) => seconds < wanted)
      .map(({ program, seconds, evidence }) =>
        finding(`${program} gives up after ${seconds} seconds; ${wanted} or more are wanted`, evidence),
      );
    return judge(
      findings,
      installed.map(({ evidence }) => evidence),
      unread,
    );
  },
});
