import {
  bootGeneration,
  defineRule,
  distribution,
  finding,
  judge,
  notApplicable,
  notForGeneration,
  uefiLoaders,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'boot/uefi-grub-config',
  title: 'GRUB finds its configuration on the EFI system partition',
  severity: 'error',
  rationale:
    'The GRUB of EL 7 reads only the copy on the EFI system partition; without it a generation 2 VM stops at the GRUB prompt on the first boot.',
  remediation: 'Generate the GRUB configuration on the EFI system partition.',
  fix: ['grub2-mkconfig -o /boot/efi/EFI/redhat/grub.cfg   # CentOS: EFI/centos'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/oracle-create-upload-vhd',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/troubleshoot-vm-boot-error',
  ],
  covers: ['grub-uefi-config-location'],
  lisa: [],
  needs: ['rootfs', 'esp'],
  appliesTo: { generations: [2], families: ['rhel', 'oracle'] },
  facts: { bootGeneration, uefiLoaders, distribution },
  check(
    { bootGeneration: boot, uefiLoaders: { partition, elsewhere, configurations, fallback }, distribution: system },
    intent,
  ) {
    const other = notForGeneration(2, intent, boot);
    if (other !== undefined) return notApplicable(other);
    if (partition === undefined) return notApplicable(elsewhere ?? 'no EFI system partition is part of the target');
    if (fallback.some(({ kind }) => kind === 'unified-kernel' || kind === 'systemd-boot'))
      return notApplicable('the firmware starts no GRUB');
    const vendor = configurations.filter(({ path }) => /\/EFI\/[^/]+\/grub\.cfg$/i.test(path));
    const isOld = Number.parseInt(system?.versionId ?? '', 10) <= 7;
    const places = vendor.map(({ path }) => ({ path }));
    if (isOld && vendor.length > 0 && !vendor.some(({ hasMenu }) => hasMenu)) {
      return judge([finding('grub.cfg on the EFI system partition has no menu entries', places, { subject: 'menu' })]);
    }
    if (vendor.length > 0) return judge([], places);
    const message = `${partition}/EFI has no grub.cfg in the folder of the distribution`;
    const path = `${partition}/EFI`;
    return judge([finding(message, { path }, { severity: isOld ? 'error' : 'info', subject: 'absent' })]);
  },
});
