import { agent, defineRule, type FindingDraft, finding, judge, pass, usableConfiguration } from '../../src/rule-api.ts';

export default defineRule({
  id: 'agent/swap',
  title: 'What the agent needs to make swap is set',
  severity: 'warning',
  rationale:
    'ResourceDisk.EnableSwap does nothing by itself, so VMs run without the swap that the image seems to give them, from the first boot on.',
  remediation:
    'Set ResourceDisk.Format=y and ResourceDisk.SwapSizeMB to a number of megabytes, or ResourceDisk.EnableSwap=n.',
  fix: ["sed -i -E 's/^ResourceDisk.EnableSwap=.*/ResourceDisk.EnableSwap=n/' /etc/waagent.conf"],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/daemon/resourcedisk/default.py',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/storage.py',
  ],
  covers: ['agent-swap-settings-complete'],
  lisa: ['storage.verify_swap'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent },
  check({ agent: facts }) {
    const configuration = usableConfiguration(facts);
    if ('outcome' in configuration) return configuration;
    const { path } = configuration;
    const swap = configuration.switch('ResourceDisk.EnableSwap');
    const size = configuration.int('ResourceDisk.SwapSizeMB');
    const isWanted = (size.value ?? 0) > 0;
    if (!swap.value) {
      if (!isWanted) return pass(swap.evidence ?? { path });
      const message = `ResourceDisk.SwapSizeMB=${size.value} has no effect without ResourceDisk.EnableSwap=y`;
      return judge([finding(message, size.evidence ?? { path }, { severity: 'info' })]);
    }
    const place = swap.evidence ?? { path };
    const findings: FindingDraft[] = [];
    if (!configuration.switch('ResourceDisk.Format').value) {
      findings.push(finding('ResourceDisk.EnableSwap=y has no effect without ResourceDisk.Format=y', place));
    }
    // agent/config-values tells of a size that is no number.
    if (!isWanted && size.rejected === undefined) {
      const written = size.evidence ? `is ${size.value}` : 'is not set';
      findings.push(finding(`ResourceDisk.EnableSwap=y has no effect: ResourceDisk.SwapSizeMB ${written}`, place));
    }
    if (configuration.string('ResourceDisk.MountPoint').value === '') {
      findings.push(finding('ResourceDisk.EnableSwap=y has no effect: ResourceDisk.MountPoint is empty', place));
    }
    return judge(findings, [place]);
  },
});
