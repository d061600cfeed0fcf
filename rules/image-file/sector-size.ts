import {
  DISK,
  defineRule,
  diskFile,
  diskLayout,
  efiPartition,
  fail,
  finding,
  notApplicable,
  pass,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'image-file/sector-size',
  title: 'The disk is laid out for sectors of 512 bytes',
  severity: 'error',
  rationale:
    'An OS disk in Azure has sectors of 512 bytes; a partition table for 4,096 is not found there, so the first boot finds no loader.',
  remediation: 'Partition a disk with sectors of 512 bytes anew and copy the partitions over.',
  fix: ['losetup -P --sector-size 512 --find --show new.raw'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/disks-upload-vhd-to-managed-disk-cli',
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
  ],
  covers: ['logical-sector-size-512'],
  lisa: [],
  needs: ['disk', 'partition-table'],
  appliesTo: {},
  facts: { diskFile, diskLayout, efiPartition },
  check({ diskFile: { container, evidence }, diskLayout: layout, efiPartition: esp }) {
    if (!layout) return notApplicable('the target is no disk');
    const sectorSize = layout.table.sectorSize;
    if (sectorSize !== 512)
      return fail(
        finding(
          `the partition table is laid out for sectors of ${sectorSize} bytes, expected 512: its header is at byte ${sectorSize}`,
          { path: DISK },
          { subject: 'table' },
        ),
      );
    if (container.format === 'vhdx' && container.logicalSectorSize !== 512)
      return fail(
        finding(`the VHDX has logical sectors of ${container.logicalSectorSize} bytes, expected 512`, evidence, {
          subject: 'container',
        }),
      );
    if (esp?.sectorSize !== undefined && esp.sectorSize !== 512)
      return fail(
        finding(
          `the EFI system partition ${esp.volume.id} is formatted for sectors of ${esp.sectorSize} bytes, expected 512: firmware may not read it`,
          { path: esp.volume.place },
          { severity: 'warning', subject: 'esp' },
        ),
      );
    return pass(evidence);
  },
});
