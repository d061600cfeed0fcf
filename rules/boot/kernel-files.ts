import {
  bootKernels,
  defineRule,
  type FindingDraft,
  family,
  finding,
  judge,
  kernelModules,
  type LocatedBootEntry,
  rebuildInitramfs,
  regenerateGrubMenu,
  steps,
  unknown,
} from '../../src/rule-api.ts';

function defects({ kernel, initrds }: LocatedBootEntry): string[] {
  const files = [{ role: 'kernel', ...kernel }, ...initrds.map((initrd) => ({ role: 'initramfs', ...initrd }))];
  return files.flatMap(({ role, written, path, size }) => {
    // A path with a variable of the boot loader is known to nobody else.
    if (path === undefined) return written.includes('$') ? [] : [`names the ${role} ${written}, which is missing`];
    return size === 0 ? [`names the ${role} ${written}, which is empty`] : [];
  });
}

export default defineRule({
  id: 'boot/kernel-files',
  title: 'The boot entries lead to a kernel and its initramfs',
  severity: 'error',
  rationale:
    'The boot loader stops at a file that is not there, or the kernel stops without a root file system, on the first boot.',
  remediation: 'Build the initramfs anew and generate the boot configuration from the kernels that are installed.',
  fix: steps({ ...rebuildInitramfs, debian: ['update-initramfs -c -k all'] }, regenerateGrubMenu),
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/kernel-related-boot-issues',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/troubleshoot-vm-boot-error',
  ],
  covers: ['kernel-and-initramfs-exist'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { bootKernels, family, kernelModules },
  check({ bootKernels: { entries, kernels, chosenBy }, family, kernelModules }) {
    if (chosenBy === 'nothing' && entries.length === 0)
      return unknown(
        'neither a kernel nor a boot menu is in this root; /boot may lie on a volume that is not part of it',
      );
    // Flatcar's menu is always on the ESP, and finds kernels by their partition.
    if (entries.length === 0 && family !== 'flatcar')
      return unknown(
        'a kernel is in this root and no boot menu that would start it; it may lie on an ESP that is not part of it, or has yet to be generated',
      );
    const findings: FindingDraft[] = entries.flatMap((located) =>
      defects(located).map((defect) =>
        finding(`the boot entry "${located.entry.title}" ${defect}`, located.entry.evidence, {
          severity: located.entry.isDefault ? 'error' : 'warning',
          subject: `${located.entry.title}: ${defect}`,
        }),
      ),
    );
    for (const { entries: own, initramfs, evidence, release } of kernels) {
      const loadsNone = own.length > 0 && own.every(({ initrds, unified }) => initrds.length === 0 && !unified);
      const drivers = kernelModules.kernels.find((kernel) => kernel.release === release);
      // Flatcar's kernels carry their initramfs inside.
      if (!loadsNone || initramfs.length > 0 || !drivers || family === 'flatcar') continue;
      const needed = ['hv_vmbus', 'hv_storvsc'].filter((name) => drivers.driver(name).state === 'module');
      if (needed.length > 0) {
        const message = `no initramfs is loaded, but kernel ${release} has ${needed.join(' and ')} as modules only`;
        findings.push(finding(message, evidence, { subject: 'no initramfs' }));
      }
    }
    return judge(
      findings,
      kernels.map(({ evidence }) => evidence),
    );
  },
});
