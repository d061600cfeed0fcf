import {
  bootGeneration,
  defineRule,
  diskFile,
  diskLayout,
  finding,
  generationOf,
  judge,
  notApplicable,
  sizeLimits,
  sizeText,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'image-file/generation-1-size',
  title: 'A disk of generation 1 has at most 2 TiB',
  severity: 'error',
  rationale: 'A BIOS addresses 2 TiB at most, so Azure creates no VM of generation 1 from a larger OS disk.',
  remediation: 'Shrink the last file system and partition, build the image with a smaller disk, or use generation 2.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/faq-for-disks',
    'https://learn.microsoft.com/azure/virtual-machines/generation-2',
  ],
  covers: ['os-disk-max-gen1'],
  lisa: [],
  needs: ['disk', 'options'],
  appliesTo: { generations: [1] },
  facts: { diskFile, diskLayout, bootGeneration },
  check({ diskFile: { container, evidence }, diskLayout: layout, bootGeneration: boot }, intent) {
    if (generationOf(intent, boot) !== 1)
      return notApplicable('nobody says that the image is of generation 1, and the disk boots not only that');
    const { virtualSize } = container;
    if (virtualSize > sizeLimits.generation1) {
      const message = `the disk has ${sizeText(virtualSize)}, more than the ${sizeText(sizeLimits.generation1)} of generation 1`;
      return judge([finding(message, evidence, { subject: 'size' })]);
    }
    const beyond =
      layout?.table.scheme === 'mbr'
        ? layout.table.partitions.filter(({ offset, size }) => offset + size > sizeLimits.generation1)
        : [];
    const findings = beyond.map(({ number, offset, size }) =>
      finding(
        `partition ${number} ends at byte ${offset + size}, beyond the ${sizeText(sizeLimits.generation1)} that an MBR addresses`,
        evidence,
        { subject: `p${number}` },
      ),
    );
    return judge(findings, [evidence]);
  },
});
