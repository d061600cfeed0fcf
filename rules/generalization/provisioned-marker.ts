import { agent, defineRule, fail, finding, firstBoot, notApplicable, pass, unknown } from '../../src/rule-api.ts';

export default defineRule({
  id: 'generalization/provisioned-marker',
  title: 'The agent’s marker of a finished provisioning is absent',
  severity: 'error',
  rationale:
    'With the marker the agent takes the VM for provisioned on the first boot: it reports ready at once and creates no administrator, nor waits for cloud-init to do so.',
  remediation: 'Delete the marker, best by deprovisioning the machine.',
  fix: ['rm -f /var/lib/waagent/provisioned'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/provision/default.py',
  ],
  covers: ['gen-agent-provisioned-marker-absent'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { agent, firstBoot },
  check({
    agent: { installed, inSystemExtension, provisionedMarker, markersUnread, libDir },
    firstBoot: { generalized },
  }) {
    if (!installed && !inSystemExtension) return notApplicable('the agent is not installed');
    if (markersUnread) return unknown(markersUnread.message);
    if (!provisionedMarker) return pass();
    const nobodyElse = generalized.failure === 'agent-already-provisioned';
    const effect = nobodyElse
      ? 'creates no administrator, and nothing else does'
      : 'reports ready without waiting for the provisioner';
    const message = `${libDir}/provisioned makes the agent believe that the VM is provisioned: it ${effect}`;
    return fail(finding(message, provisionedMarker, nobodyElse ? {} : { severity: 'warning' }));
  },
});
