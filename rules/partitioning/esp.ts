import {
  bootGeneration,
  DISK,
  defineRule,
  diskLayout,
  efiPartition,
  finding,
  judge,
  notApplicable,
  notForGeneration,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'partitioning/esp',
  title: 'A disk of generation 2 has an EFI system partition',
  severity: 'error',
  rationale: 'Without it the firmware of a generation 2 VM finds no loader on the first boot and tries the network.',
  remediation: 'Add an EFI system partition with FAT, mount it at /boot/efi and install the EFI loader again.',
  fix: ['sgdisk -n 0:0:+200M -t 0:ef00 disk.raw'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/trusted-launch-existing-vm-gen-1',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/azure-linux-vm-uefi-boot-failures',
  ],
  covers: ['gen2-esp-present'],
  lisa: [],
  needs: ['partition-table', 'esp'],
  appliesTo: {},
  facts: { diskLayout, efiPartition, bootGeneration },
  check({ diskLayout: layout, efiPartition: esp, bootGeneration: boot }, intent) {
    const other = notForGeneration(2, intent, boot);
    if (other !== undefined) return notApplicable(other);
    if (!esp) {
      if (layout?.table.scheme !== 'gpt') return notApplicable('the disk has no GPT, which partitioning/gpt reports');
      const types = layout.table.partitions.map(({ number, typeName }) => `${number} ${typeName}`).join(', ');
      return judge([
        finding(
          `no partition is of the type EFI system partition (there are ${types || 'none'})`,
          { path: DISK },
          { subject: 'type' },
        ),
      ]);
    }
    const { volume, complaint, hasLoaderTree } = esp;
    const place = { path: volume.place };
    if (complaint !== undefined)
      return judge([finding(`the EFI system partition ${volume.id} ${complaint}`, place, { subject: 'fat' })]);
    if (!hasLoaderTree)
      return judge([
        finding(`the EFI system partition ${volume.id} has no directory EFI, where firmware looks for loaders`, place, {
          subject: 'tree',
        }),
      ]);
    return judge([], [place]);
  },
});
