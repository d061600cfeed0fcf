import {
  agent,
  agentState,
  defineRule,
  type FirstBoot,
  fail,
  finding,
  firstBoot,
  isCouldNotRead,
  notApplicable,
  pass,
  unknown,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'agent/specialized-mode',
  title: 'On a specialized image the agent does not provision again',
  severity: 'warning',
  rationale:
    'A VM made from a specialized image gets no provisioning disc, so on each boot a willing agent looks for one in vain, or waits 30 minutes for cloud-init to copy its content, before it serves extensions.',
  remediation:
    'Set Provisioning.Agent=disabled before the capture, or keep the marker that the agent wrote when it provisioned the machine.',
  fix: [
    "sed -i '/^Provisioning.Agent=/d' /etc/waagent.conf && echo 'Provisioning.Agent=disabled' >> /etc/waagent.conf",
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/imaging',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/provision/default.py',
  ],
  covers: ['agent-disabled-for-specialized'],
  lisa: [],
  needs: ['rootfs', 'options'],
  appliesTo: { imageTypes: ['specialized'] },
  facts: { agent, agentState, firstBoot },
  check({ agent, agentState: { files }, firstBoot: { agentRole } }) {
    const { installed, inSystemExtension, service, configuration, provisionedMarker, markersUnread, libDir } = agent;
    if (inSystemExtension) return notApplicable('a system extension brings the agent and its configuration');
    if (!installed) return notApplicable('the agent is not installed');
    if (!service.startsAtBoot) return pass(service.evidence);
    if (isCouldNotRead(configuration)) return unknown(configuration.message);
    if ('defect' in configuration) return notApplicable('there is no configuration that the agent could read');

    const { evidence = { path: configuration.path } } = configuration.string(
      agent.legacyProvisioning ? 'Provisioning.Enabled' : 'Provisioning.Agent',
    );
    if (provisionedMarker) return pass(provisionedMarker);
    const effect = effects[agentRole];
    if (effect === undefined) return pass(evidence);
    if (markersUnread) return unknown(markersUnread.message);
    const copied = files.find((file) => file.evidence.path === `${libDir}/ovf-env.xml`);
    // What the agent waits for is there already, so it goes on at once and writes its marker.
    if (agentRole === 'waits-for-cloud-init' && copied) return pass(copied.evidence);
    return fail(finding(`${libDir}/provisioned is missing and ${effect}`, evidence));
  },
});

const effects: { readonly [role in FirstBoot['agentRole']]?: string } = {
  provisions: 'the agent is willing to provision: it fails on each boot for want of a provisioning disc',
  'waits-for-cloud-init':
    'the agent waits 30 minutes on each boot for cloud-init, which has no provisioning disc to copy',
  conflict: 'the agent reports ProvisioningFailed on each boot because cloud-init is enabled too',
};
