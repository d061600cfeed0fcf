import {
  defineRule,
  type FindingDraft,
  finding,
  initramfs,
  isCouldNotRead,
  judge,
  kernelModules,
  modprobeRules,
  rebuildInitramfs,
  steps,
} from '../../src/rule-api.ts';

const names = ['hv_vmbus', 'hv_storvsc', 'hv_netvsc', 'hv_utils'] as const;

export default defineRule({
  id: 'kernel/hyperv-drivers-allowed',
  title: 'No rule keeps the Hyper-V drivers from loading',
  severity: 'error',
  rationale:
    'A storage or network driver that modprobe is told not to load leaves the VM without its disk or its network on the first boot.',
  remediation:
    'Remove the blacklist and install lines for the hv_ drivers, the blacklist parameters of the kernel command line too, and rebuild the initramfs.',
  fix: steps(
    "sed -i -E '/^(blacklist|install)[[:space:]]+hv_(vmbus|storvsc|netvsc|utils)/d' /etc/modprobe.d/*.conf",
    rebuildInitramfs,
  ),
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-hyperv-issue',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-vm-no-boot-hyper-v-driver-issues',
  ],
  covers: ['modprobe-hyperv-not-disabled'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { initramfs, kernelModules, modprobeRules },
  check({ initramfs, kernelModules: { kernels, gap }, modprobeRules }) {
    if (gap) return gap;
    const contents = initramfs.flatMap(({ content }) =>
      typeof content === 'object' && !isCouldNotRead(content) ? [content] : [],
    );
    const packed = contents.flatMap(({ blocks }) => blocks);
    const findings: FindingDraft[] = [];
    for (const name of names) {
      // What is built in cannot be kept out this way, and what is absent is reported by kernel/hyperv-drivers.
      if (!kernels.some(({ driver }) => driver(name).state === 'module')) continue;
      const own = modprobeRules.blocks.filter(({ module }) => module === name);
      for (const { evidence, kind } of own.length > 0 ? own : packed.filter(({ module }) => module === name)) {
        const message = `${name} is ${kind === 'install' ? 'replaced by a command that loads nothing' : 'blacklisted'}`;
        findings.push(finding(message, evidence, { severity: name === 'hv_utils' ? 'warning' : 'error' }));
      }
    }
    return judge(findings, [], modprobeRules.unread);
  },
});
