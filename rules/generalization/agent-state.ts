import { type AgentStateFile, agentState, defineRule, type FindingDraft, finding, judge } from '../../src/rule-api.ts';

export default defineRule({
  id: 'generalization/agent-state',
  title: 'Certificates, state and logs of the agent’s last run are removed',
  severity: 'error',
  rationale:
    'Every clone gets the source VM’s private keys and deployment data, and its agent starts with a goal state that was never meant for it.',
  remediation: 'Deprovision the machine, or empty the agent’s directories, which themselves may stay.',
  fix: [
    'rm -rf /var/lib/waagent/* /var/log/azure/* /var/log/waagent.log* /var/lib/azure-init/* /var/log/azure-init.log',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/deprovision/default.py',
  ],
  covers: ['gen-agent-state-removed'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { agentState },
  check({ agentState: { files, unread } }) {
    const findings = groups.flatMap(({ kind, message, severity }): readonly FindingDraft[] => {
      const evidence = files.filter((file) => file.kind === kind).map((file) => file.evidence);
      return evidence.length === 0
        ? []
        : [finding(message, evidence, { ...(severity && { severity }), subject: kind })];
    });
    return judge(findings, [], unread);
  },
});

const groups: readonly {
  readonly kind: AgentStateFile['kind'];
  readonly message: string;
  readonly severity?: 'warning';
}[] = [
  { kind: 'private-key', message: 'a private key of the source VM is left' },
  { kind: 'certificate', message: 'a certificate of the source VM is left' },
  {
    kind: 'provisioning',
    message: 'the deployment data of the source VM is left: user name, custom data, perhaps a password',
  },
  { kind: 'state', message: 'the agent’s state of the source VM is left', severity: 'warning' },
  { kind: 'log', message: 'logs of the agent and of extensions on the source VM are left', severity: 'warning' },
  { kind: 'azure-init', message: 'markers or logs of azure-init on the source VM are left', severity: 'warning' },
];
