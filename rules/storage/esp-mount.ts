import {
  bootGeneration,
  defineRule,
  diskLayout,
  distribution,
  efiPartition,
  fail,
  finding,
  mountPlan,
  notApplicable,
  notForGeneration,
  pass,
  systemPartitions,
  unknownBy,
} from '../../src/rule-api.ts';

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
  facts: { mountPlan, systemPartitions, bootGeneration, diskLayout, efiPartition, distribution },
  check(facts, intent) {
    const { mountPlan: plan, systemPartitions, bootGeneration: boot, diskLayout: layout, efiPartition: esp } = facts;
    const { automaticEspMountPoint } = systemPartitions;
    const { mounts } = plan;
    const other = notForGeneration(2, intent, boot);
    if (other !== undefined) return notApplicable(other);
    if (layout && !esp) return notApplicable('the disk has no EFI system partition');
    if (esp && layout) {
      const mount = mounts.find(
        ({ device, type }) => layout.find(device, { type, among: [esp.volume] }).kind === 'volume',
      );
      if (mount) return pass(mount.evidence);
    }
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
    if (facts.distribution?.variantId === 'coreos')
      return notApplicable('bootupd of CoreOS mounts the partition only while it updates the loaders');
    const gap = unknownBy(plan.unread);
    if (gap) return gap;
    return fail(finding('neither fstab nor a mount unit mounts the EFI system partition', { path: '/etc/fstab' }));
  },
});
