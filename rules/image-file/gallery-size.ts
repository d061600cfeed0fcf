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
  id: 'image-file/gallery-size',
  title: 'An image version for a gallery has at most 2 TiB',
  severity: 'warning',
  rationale:
    'A version from a larger disk can only be created with shallow replication; else its creation fails before any VM is made.',
  remediation: 'Build the image with a smaller OS disk, or create the version with shallow replication.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/azure-compute-gallery',
    'https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries',
    'https://learn.microsoft.com/azure/virtual-machines/troubleshooting-shared-images',
  ],
  covers: ['gallery-image-size-limit'],
  lisa: [],
  needs: ['disk', 'options'],
  appliesTo: { storages: ['gallery'] },
  facts: { diskFile, bootGeneration },
  check({ diskFile: { container, evidence }, bootGeneration: boot }, intent) {
    const { virtualSize } = container;
    const reporter = reportsSize(virtualSize, intent, boot);
    if (reporter !== undefined && reporter !== 'image-file/gallery-size' && virtualSize > sizeLimits.gallery)
      return notApplicable(`${reporter} reports that the disk is too large`);
    if (reporter !== 'image-file/gallery-size') return pass(evidence);
    const message = `the disk has ${sizeText(virtualSize)}; above ${sizeText(sizeLimits.gallery)} an image version needs shallow replication`;
    return fail(finding(message, evidence, { subject: 'size' }));
  },
});
