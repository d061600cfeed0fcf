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
  id: 'security/trusted-launch-generation',
  title: 'An image for Trusted Launch is of generation 2',
  severity: 'error',
  rationale: 'A VM with Trusted Launch boots by UEFI, so none is created from an image of generation 1.',
  remediation: 'Give the disk a GPT, an EFI system partition and a signed fallback loader, and declare generation 2.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/trusted-launch-faq',
    'https://learn.microsoft.com/azure/virtual-machines/trusted-launch',
  ],
  covers: ['tl-generation-2'],
  lisa: [],
  needs: ['options'],
  appliesTo: { profiles: ['trusted-launch'] },
  facts: { bootGeneration },
  check({ bootGeneration: boot }, intent) {
    const obstacle = withoutGeneration2(intent, boot);
    if (typeof obstacle === 'string') return notApplicable(obstacle);
    if (obstacle)
      return fail(
        finding(`Trusted Launch needs generation 2, and ${obstacle.why}`, obstacle.evidence, { subject: 'generation' }),
      );
    if (intent.generation === undefined && boot.uefi.can !== 'yes')
      return notApplicable('the generation is not declared, and the target does not show it');
    return pass(boot.uefi.evidence);
  },
});
