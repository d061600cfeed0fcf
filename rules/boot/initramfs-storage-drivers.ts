import {
  addInitramfsDrivers,
  type CouldNotRead,
  defineRule,
  type FindingDraft,
  finding,
  initramfs,
  initramfsConfiguration,
  isCouldNotRead,
  judge,
  kernelModules,
  notApplicable,
  rebuildInitramfs,
  steps,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'boot/initramfs-storage-drivers',
  title: 'The initramfs holds the Hyper-V storage drivers',
  severity: 'error',
  rationale:
    'Without hv_vmbus and hv_storvsc the kernel does not see the OS disk, and the first boot ends in the emergency shell of the initramfs.',
  remediation: 'Tell the generator of the initramfs to add the drivers, and build it anew for the default kernel.',
  fix: steps(addInitramfsDrivers('hv_vmbus hv_netvsc hv_storvsc', 'azure'), rebuildInitramfs),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-vm-no-boot-hyper-v-driver-issues',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/hv_module.py',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/storage.py',
  ],
  covers: ['initramfs-hyperv-storage'],
  lisa: ['hv_module.verify_initrd_modules', 'storage.verify_scsi_disk_controller_type'],
  needs: ['rootfs', 'initramfs'],
  appliesTo: {},
  facts: { initramfs, initramfsConfiguration, kernelModules },
  check({ initramfs, initramfsConfiguration, kernelModules: { gap } }) {
    if (gap) return gap;
    const findings: FindingDraft[] = [];
    const unread: CouldNotRead[] = [];
    let isPresent = false;
    for (const { drivers, content } of initramfs) {
      if (content === 'none') continue;
      isPresent = true;
      if (content === 'not-needed') continue;
      if (isCouldNotRead(content)) {
        unread.push(content);
        continue;
      }
      const wanted = ['hv_vmbus', 'hv_storvsc']
        .map((name) => drivers.driver(name))
        .filter(({ state }) => state === 'module');
      const names = [...new Set(wanted.flatMap(({ name, needs }) => [name, ...needs]))];
      const lacking = names.filter((name) => drivers.driver(name).state === 'module' && !content.modules.has(name));
      if (lacking.length === 0) continue;
      const newer = initramfsConfiguration.files.find(({ mtime }) => mtime > content.mtime);
      const isStale = newer && initramfsConfiguration.added.some(({ name }) => lacking.includes(name));
      const cause =
        content.modules.size === 0 ? `has no module of kernel ${drivers.release}` : `lacks ${lacking.join(', ')}`;
      const hint = isStale ? `, and is older than ${newer.path}, which adds them` : '';
      findings.push(
        finding(
          `the initramfs ${cause}, which the kernel needs to see its disk${hint}`,
          content.paths.map((path) => ({ path })),
        ),
      );
    }
    if (!isPresent) return notApplicable('no initramfs is loaded, which boot/kernel-files judges');
    return judge(
      findings,
      initramfs.flatMap(({ drivers }) => drivers.driver('hv_storvsc', 'HYPERV_STORAGE').evidence),
      unread,
    );
  },
});
