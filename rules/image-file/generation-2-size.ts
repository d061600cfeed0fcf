import {
  bootGeneration,
  defineRule,
  diskFile,
  fail,
  finding,
  generationOf,
  notApplicable,
  pass,
  sizeLimits,
  sizeText,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'image-file/generation-2-size',
  title: 'The OS disk has at most 4,095 GiB',
  severity: 'error',
  rationale: 'Azure makes no OS disk larger than that, so no VM can be created from the upload.',
  remediation: 'Build the image with a smaller OS disk and keep bulk data on data disks.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/faq-for-disks',
    'https://learn.microsoft.com/azure/virtual-machines/generation-2',
  ],
  covers: ['os-disk-max-gen2'],
  lisa: [],
  needs: ['disk', 'options'],
  appliesTo: { generations: [2] },
  facts: { diskFile, bootGeneration },
  check({ diskFile: { container, evidence }, bootGeneration: boot }, intent) {
    if (generationOf(intent, boot) === 1) return notApplicable('the image is of generation 1, whose limit is lower');
    const { virtualSize } = container;
    if (virtualSize <= sizeLimits.generation2) return pass(evidence);
    const message = `the disk has ${sizeText(virtualSize)}, and an OS disk at most ${sizeText(sizeLimits.generation2)}`;
    return fail(finding(message, evidence, { subject: 'size' }));
  },
});
