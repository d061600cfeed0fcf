import { defineRule, finding, judge, kernelCommandLine, parametersNamed, sysctl } from '../../src/rule-api.ts';

/** `SYSRQ_ENABLE_BOOT` of the kernel: reboot and power off. */
const REBOOT = 128;

export default defineRule({
  id: 'boot/sysrq',
  title: 'SysRq may reboot the machine from the serial console',
  severity: 'info',
  rationale:
    'A virtual machine that hangs after boot cannot be rebooted or dumped through the serial console when SysRq is off.',
  remediation: 'Set kernel.sysrq to 1, or to a number with the bit 128.',
  fix: ["echo 'kernel.sysrq = 1' > /etc/sysctl.d/90-sysrq.conf"],
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/serial-console-grub-proactive-configuration',
    'https://docs.kernel.org/admin-guide/sysrq.html',
  ],
  covers: ['sysrq-enabled'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { sysctl, kernelCommandLine },
  check({ sysctl: settings, kernelCommandLine: { defaults } }) {
    const set = settings.value('kernel.sysrq');
    const always = defaults.find((entry) => parametersNamed(entry, 'sysrq_always_enabled').length > 0);
    if (always) return judge([], [always.evidence]);
    // Without a setting the kernel's own value counts, and distributions ship 16 on purpose.
    if (set === undefined) return judge([]);
    if (!set.evidence.path.startsWith('/etc/')) return judge([], [set.evidence]);
    const bits = Number(set.value);
    if (bits === 1 || (bits & REBOOT) !== 0) return judge([], [set.evidence]);
    const message = `kernel.sysrq is ${set.value}, which does not allow a reboot; 1 allows all, 128 a reboot`;
    return judge([finding(message, set.evidence)]);
  },
});
