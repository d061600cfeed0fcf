import { defineRule, fail, finding, pass } from '../../src/rule-api.ts';

export default defineRule({
  id: 'gallery/marketplace-image-type',
  title: 'A Marketplace image is generalized',
  severity: 'error',
  rationale: 'Certification refuses a specialized image: every customer sets the VM up on its first boot.',
  remediation: 'Generalize the image, then declare it generalized.',
  fix: ['cloud-init clean --logs --seed --machine-id', 'waagent -force -deprovision+user'],
  references: [
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-use-own-image',
    'https://learn.microsoft.com/legal/marketplace/certification-policies',
  ],
  covers: ['gen-required-for-marketplace'],
  lisa: [],
  needs: ['options'],
  appliesTo: { profiles: ['marketplace'] },
  facts: {},
  check(_facts, { imageType }) {
    if (imageType === 'generalized') return pass();
    return fail(finding('the image is declared specialized, but the Marketplace takes generalized images only'));
  },
});
