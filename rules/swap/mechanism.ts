import {
  agent,
  defineRule,
  fail,
  finding,
  isCouldNotRead,
  notApplicable,
  pass,
  swapAreas,
  unknown,
  unknownBy,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'swap/mechanism',
  title: 'Only one mechanism makes swap on the temporary disk',
  severity: 'warning',
  rationale: 'Agent and cloud-init compete for the temporary disk on the first boot, and one of them fails.',
  remediation: 'Leave swap to cloud-init: set ResourceDisk.EnableSwap=n.',
  fix: ["sed -i 's/^ResourceDisk.EnableSwap=.*/ResourceDisk.EnableSwap=n/' /etc/waagent.conf"],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/create-swap-file-linux-vm',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/daemon/resourcedisk/default.py',
  ],
  covers: ['swap-on-temp-disk-only'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, swapAreas },
  check({ agent: { configuration }, swapAreas: { cloudInitSetting, cloudInitUnread } }) {
    if (isCouldNotRead(configuration)) return unknown(configuration.message);
    const gap = cloudInitSetting ? undefined : unknownBy(cloudInitUnread);
    if (gap) return gap;
    if (!cloudInitSetting) return notApplicable('cloud-init is not told to make swap');
    if (!('switch' in configuration))
      return notApplicable('waagent.conf is no configuration, so the agent makes no swap');
    const enabled = configuration.switch('ResourceDisk.EnableSwap');
    // Without Format the agent leaves the disk alone, and so its swap.
    if (!enabled.value || !configuration.switch('ResourceDisk.Format').value) return pass(cloudInitSetting);
    const message = 'ResourceDisk.EnableSwap=y makes swap on the temporary disk, and so does cloud-init';
    return fail(finding(message, [...(enabled.evidence ? [enabled.evidence] : []), cloudInitSetting]));
  },
});
