import {
  addInitramfsDrivers,
  type CouldNotRead,
  defineRule,
  type FindingDraft,
  finding,
  isCouldNotRead,
  judge,
  kernelModules,
  notApplicable,
  nvmeInitramfs,
  rebuildInitramfs,
  steps,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'storage/nvme-initramfs-drivers',
  title: 'The initramfs holds the NVMe drivers',
  severity: 'error',
  rationale: 'On VM sizes with NVMe disks the first boot does not find its root file system.',
  remediation: 'Add nvme, nvme_core and pci-hyperv to the initramfs and build it anew.',
  fix: steps(addInitramfsDrivers('nvme nvme_core pci-hyperv', 'azure-nvme'), rebuildInitramfs),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/oracle-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/debian-create-upload-vhd',
  ],
  covers: ['nvme-modules-in-initramfs'],
  lisa: ['storage.verify_nvme_disk_controller_type'],
  needs: ['rootfs', 'initramfs'],
  appliesTo: { profiles: ['nvme'], generations: [2] },
  facts: { kernelModules, nvmeInitramfs },
  check({ kernelModules: { gap }, nvmeInitramfs }) {
    if (gap) return gap;
    const findings: FindingDraft[] = [];
    const unread: CouldNotRead[] = [];
    for (const { drivers, content } of nvmeInitramfs) {
      if (content === 'none') return notApplicable('no initramfs is loaded, which boot/kernel-files judges');
      if (content === 'not-needed') continue;
      if (isCouldNotRead(content)) {
        unread.push(content);
        continue;
      }
      const lacking = ['nvme', 'nvme_core', 'pci_hyperv'].filter(
        (name) => drivers.driver(name).state === 'module' && !content.modules.has(name),
      );
      const message = `the initramfs lacks ${lacking.join(', ')}, which the kernel needs to see an NVMe disk`;
      if (lacking.length > 0)
        findings.push(
          finding(
            message,
            content.paths.map((path) => ({ path })),
          ),
        );
    }
    return judge(
      findings,
      nvmeInitramfs.flatMap(({ drivers }) => drivers.driver('nvme', 'BLK_DEV_NVME').evidence),
      unread,
    );
  },
});
