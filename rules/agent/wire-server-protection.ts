import {
  agent,
  defineRule,
  distribution,
  executables,
  fail,
  finding,
  notApplicable,
  pass,
  usableConfiguration,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'agent/wire-server-protection',
  title: 'The agent keeps ordinary users from the wire server',
  severity: 'info',
  rationale:
    'Without the agent’s firewall rules every local user of a VM can ask 168.63.129.16 for goal state and certificates.',
  remediation: 'Set OS.EnableFirewall=y and install iptables, nftables or firewalld.',
  fix: ["sed -i '/^OS.EnableFirewall=/d' /etc/waagent.conf && echo 'OS.EnableFirewall=y' >> /etc/waagent.conf"],
  references: [
    'https://github.com/Azure/WALinuxAgent/blob/master/README.md',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/conf.py',
    'https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16',
  ],
  covers: ['agent-wireserver-firewall'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, distribution, executables },
  check({ agent: facts, distribution: system, executables: programs }) {
    const configuration = usableConfiguration(facts);
    if ('outcome' in configuration) return configuration;
    const { value, evidence, rejected } = configuration.switch('OS.EnableFirewall');
    const place = evidence ?? { path: configuration.path };
    if (rejected !== undefined) return notApplicable('agent/config-values reports the value of OS.EnableFirewall');
    if (!value) {
      if (system?.id === 'debian' || system?.id === 'photon') {
        return notApplicable('the distribution’s own configuration leaves the firewall rules out');
      }
      const found = evidence ? 'OS.EnableFirewall=n' : 'OS.EnableFirewall is not set, which means n';
      return fail(finding(`${found}: local users reach the wire server`, place));
    }
    const tool = programs.find('iptables', 'nft', 'firewall-cmd');
    if (tool) return pass([place, tool]);
    return fail(finding('OS.EnableFirewall=y, but iptables, nft and firewall-cmd are all missing', place));
  },
});
