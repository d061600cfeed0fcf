import {
  architecture,
  bootCode,
  bootGeneration,
  defineRule,
  diskLayout,
  fail,
  finding,
  notApplicable,
  notForGeneration,
  pass,
} from '../../src/rule-api.ts';

const BIOS_BOOT = '21686148-6449-6e6f-744e-656564454649';

export default defineRule({
  id: 'partitioning/bios-loader',
  title: 'A disk of generation 1 has boot code that reaches a boot loader',
  severity: 'error',
  rationale:
    'A BIOS starts the code of the first sector; where that is empty or leads nowhere, the first boot ends with "no bootable device".',
  remediation: 'Install GRUB for the target i386-pc on the disk again.',
  fix: {
    debian: ['chroot ROOT grub-install --target=i386-pc /dev/loopN'],
    default: ['chroot ROOT grub2-install --target=i386-pc /dev/loopN'],
  },
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/troubleshoot-vm-boot-error',
    'https://github.com/rhboot/grub2/blob/master/grub-core/boot/i386/pc/boot.S',
    'https://github.com/rhboot/grub2/blob/master/grub-core/boot/i386/pc/diskboot.S',
  ],
  covers: ['gen1-bios-bootloader-installed'],
  lisa: [],
  needs: ['disk', 'partition-table'],
  appliesTo: { generations: [1] },
  facts: { architecture, diskLayout, bootCode, bootGeneration },
  check({ architecture: processor, diskLayout: layout, bootCode: code, bootGeneration: boot }, intent) {
    if (processor === 'aarch64') return notApplicable('Arm64 has no BIOS, which distro/arm64-generation reports');
    const other = notForGeneration(1, intent, boot);
    if (other !== undefined) return notApplicable(other);
    if (!layout || !code) return notApplicable('the target is no disk');
    const { can, reason, evidence } = boot.bios;
    if (can === 'yes') return pass(evidence);
    if (
      code.kind === 'none' &&
      layout.table.scheme === 'gpt' &&
      !layout.table.partitions.some(({ type }) => type === BIOS_BOOT)
    )
      return notApplicable('the disk has no room for a boot loader, which partitioning/bios-boot reports');
    return fail(finding(reason, evidence, { subject: code.kind, ...(can === 'unknown' && { severity: 'warning' }) }));
  },
});
