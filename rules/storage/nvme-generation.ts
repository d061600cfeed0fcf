import {
  bootGeneration,
  defineRule,
  fail,
  finding,
  notApplicable,
  pass,
  withoutGeneration2,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'storage/nvme-generation',
  title: 'An image for NVMe is of generation 2',
  severity: 'error',
  rationale: 'VM sizes with NVMe disks boot images of generation 2 only, so no VM is created from another.',
  remediation: 'Give the disk a GPT, an EFI system partition and the fallback loader, and declare generation 2.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/enable-nvme-interface',
    'https://learn.microsoft.com/azure/virtual-machines/nvme-overview',
  ],
  covers: ['nvme-gen2-only'],
  lisa: [],
  needs: ['options'],
  appliesTo: { profiles: ['nvme'] },
  facts: { bootGeneration },
  check({ bootGeneration: boot }, intent) {
    const obstacle = withoutGeneration2(intent, boot);
    if (typeof obstacle === 'string') return notApplicable(obstacle);
    if (obstacle)
      return fail(
        finding(`NVMe needs generation 2, and ${obstacle.why}`, obstacle.evidence, { subject: 'generation' }),
      );
    if (intent.generation === undefined && boot.uefi.can !== 'yes')
      return notApplicable('the generation is not declared, and the target does not show it');
    return pass(boot.uefi.evidence);
  },
});
