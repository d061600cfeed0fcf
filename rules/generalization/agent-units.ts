import { agentState, defineRule, finding, judge } from '../../src/rule-api.ts';

export default defineRule({
  id: 'generalization/agent-units',
  title: 'Units that the running agent wrote are removed',
  severity: 'warning',
  rationale:
    'The agent’s firewall unit runs a script in its Lib.Dir, so it fails on every boot of a clone once that is emptied; limits written for the source VM’s agent bind those of the clones.',
  remediation: 'Deprovision the machine with a current agent, or delete the files; the agent writes them anew.',
  fix: [
    'rm -f /{etc,usr/lib}/systemd/system/{waagent,walinuxagent}-network-setup.service',
    'rm -f /{etc,usr/lib}/systemd/system/{waagent,walinuxagent}.service.d/1[0-3]-{Slice,CPUAccounting,CPUQuota,MemoryAccounting}.conf',
    'rm -f /{etc,usr/lib}/systemd/system/azure-walinuxagent-logcollector.slice',
  ],
  references: [
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/deprovision/default.py',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/ga/persist_firewall_rules.py',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/ga/cgroupconfigurator.py',
  ],
  covers: ['gen-agent-units-removed'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { agentState },
  check({ agentState: { units, unread } }) {
    const findings = units.map(({ kind, fails, evidence }) => {
      if (kind === 'resource-control') {
        return finding('the running agent wrote this limit for itself or for its log collector', evidence, {
          severity: 'info',
        });
      }
      const effect = fails ? 'fails on every boot, because its script is gone' : 'belongs to the source VM';
      return finding(`the firewall unit that the running agent wrote ${effect}`, evidence);
    });
    return judge(findings, [], unread);
  },
});
