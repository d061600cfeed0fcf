import {
  bootGeneration,
  defineRule,
  diskFile,
  fail,
  finding,
  notApplicable,
  pass,
  reportsSize,
  sizeLimits,
  sizeText,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'image-file/ephemeral-size',
  title: 'The image fits an ephemeral OS disk',
  severity: 'info',
  rationale:
    'A VM with an ephemeral OS disk keeps it on a disk of its host, and is not created when the image is larger than that.',
  remediation: 'Keep the OS disk small, as 30 GiB, and let the first boot grow the root file system.',
  references: ['https://learn.microsoft.com/azure/virtual-machines/ephemeral-os-disks'],
  covers: ['ephemeral-os-disk-fit'],
  lisa: [],
  needs: ['disk', 'options'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { diskFile, bootGeneration },
  check({ diskFile: { container, evidence }, bootGeneration: boot }, intent) {
    const { virtualSize } = container;
    const reporter = reportsSize(virtualSize, intent, boot);
    if (reporter?.includes('/generation-')) return notApplicable(`${reporter} reports that the disk is too large`);
    if (virtualSize <= sizeLimits.ephemeral) return pass(evidence);
    const message = `the disk has ${sizeText(virtualSize)}; an ephemeral OS disk has at most ${sizeText(sizeLimits.ephemeral)}`;
    return fail(finding(message, evidence, { subject: 'size' }));
  },
});
