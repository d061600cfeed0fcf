import { defineRule, fail, finding, mountPlan, notApplicable, pass, systemPartitions } from '../../src/rule-api.ts';

export default defineRule({
  id: 'storage/esp-mount',
  title: 'The EFI system partition gets mounted',
  severity: { base: 'info', 'trusted-launch': 'warning' },
  rationale:
    'The VM boots without it, but updates of shim and GRUB do not reach the partition, so that later boots use old loaders.',
  remediation: 'Add the partition to /etc/fstab.',
  fix: [
    'echo "UUID=$(blkid -s UUID -o value /dev/disk/by-label/EFI) /boot/efi vfat defaults,uid=0,gid=0,umask=077,shortname=winnt 0 2" >> /etc/fstab',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/trusted-launch-existing-vm-gen-1',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/vfat-disabled-boot-issues',
    'https://github.com/systemd/systemd/blob/main/src/gpt-auto-generator/gpt-auto-generator.c',
  ],
  covers: ['efi-fstab-entry'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { generations: [2] },
  facts: { mountPlan, systemPartitions },
  check({ mountPlan: { mounts }, systemPartitions: { automaticEspMountPoint } }, { generation }) {
    if (generation === undefined)
      return notApplicable('only VMs of generation 2 boot from the partition; the generation is not declared');
    const entry = mounts.find(
      ({ mountPoint, type, device }) =>
        mountPoint === '/boot/efi' ||
        mountPoint === '/efi' ||
        (mountPoint === '/boot' && (/^(?:vfat|msdos|fat)$/.test(type) || /EFI|ESP/i.test(device))),
    );
    if (entry) return pass(entry.evidence);
    if (automaticEspMountPoint !== undefined) {
      return notApplicable(
        `systemd mounts the partition on ${automaticEspMountPoint} when the partition table names it`,
      );
    }
    return fail(finding('neither fstab nor a mount unit mounts the EFI system partition', { path: '/etc/fstab' }));
  },
});
