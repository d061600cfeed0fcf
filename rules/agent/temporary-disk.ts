import {
  agent,
  cloudInit,
  defineRule,
  fail,
  finding,
  firstBoot,
  notApplicable,
  pass,
  temporaryDiskOrder,
  unknownBy,
  usableConfiguration,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'agent/temporary-disk',
  title: 'The agent leaves the temporary disk to cloud-init, or comes after it',
  severity: 'warning',
  rationale:
    'When the agent and cloud-init set up the same disk at the same time on the first boot, one meets it half done: the disk stays unmounted, or is mounted in another place than on the other clones.',
  remediation: 'Set ResourceDisk.Format=n and ResourceDisk.EnableSwap=n.',
  fix: ["sed -i -E 's/^ResourceDisk\\.(Format|EnableSwap)=.*/ResourceDisk.\\1=n/' /etc/waagent.conf"],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/oracle-create-upload-vhd',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/create-swap-file-linux-vm',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/daemon/main.py',
  ],
  covers: ['agent-resource-disk-format-off-with-cloud-init'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { agent, cloudInit, firstBoot, temporaryDiskOrder },
  check({
    agent: facts,
    cloudInit: { config },
    firstBoot: { chosen },
    temporaryDiskOrder: { agentFormats, stage, agentWaits },
  }) {
    const configuration = usableConfiguration(facts);
    if ('outcome' in configuration) return configuration;
    if (chosen !== 'cloud-init') return notApplicable('cloud-init does not provision');
    if (!facts.service.startsAtBoot) return notApplicable('the agent does not start');
    const { evidence: place = { path: configuration.path } } = configuration.switch('ResourceDisk.Format');
    if (!agentFormats) return pass(place);
    const gap = unknownBy(config.unread);
    if (gap) return gap;
    if (stage === undefined) return pass(place);
    // It finds the disk mounted and leaves it so.
    if (agentWaits) return pass([place, ...facts.service.evidence.slice(0, 1)]);
    const message = `ResourceDisk.Format=y makes the agent set up the temporary disk without waiting for ${stage.unit}, in which cloud-init does so too`;
    return fail(finding(message, [place, ...(stage.evidence ? [stage.evidence] : [])]));
  },
});
