import {
  defineRule,
  finding,
  judge,
  judgeEntries,
  kernelCommandLine,
  lastValue,
  notApplicable,
  withoutDefaultEntry,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'boot/crash-kernel',
  title: 'Memory for a crash kernel is reserved by size, not by crashkernel=auto',
  severity: 'info',
  rationale:
    'crashkernel=auto takes 128 MB or more from every boot, which matters on small VM sizes; kernels after EL 8 do not know it and reserve nothing.',
  remediation: 'Remove crashkernel=auto, or reserve by size, crashkernel=1G-4G:192M.',
  fix: ["grubby --update-kernel=ALL --remove-args='crashkernel=auto'"],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
  ],
  covers: ['cmdline-crashkernel-auto'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { families: ['rhel', 'oracle', 'fedora'] },
  facts: { kernelCommandLine },
  check({ kernelCommandLine: commandLine }) {
    const reason = withoutDefaultEntry(commandLine);
    if (reason !== undefined) return notApplicable(reason);
    const { defaults } = commandLine;
    const message = 'crashkernel=auto reserves memory on every VM size, the smallest included';
    const findings = judgeEntries(defaults, (entry) =>
      lastValue(entry, 'crashkernel') === 'auto' ? [finding(message, entry.evidence)] : [],
    );
    return judge(
      findings,
      defaults.map(({ evidence }) => evidence),
    );
  },
});
