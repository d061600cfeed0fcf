import { bootGeneration, defineRule, fail, finding, notApplicable, pass } from '../../src/rule-api.ts';

export default defineRule({
  id: 'distro/arm64-generation',
  title: 'An Arm64 image is of generation 2',
  severity: 'error',
  rationale: 'Arm64 VMs boot by UEFI only, so none is created from an image that is declared as generation 1.',
  remediation: 'Declare generation 2, and create the image definition with the architecture Arm64.',
  fix: [
    'az sig image-definition create --resource-group GROUP --gallery-name GALLERY --gallery-image-definition NAME --publisher PUBLISHER --offer OFFER --sku SKU --os-type Linux --architecture Arm64 --hyper-v-generation V2',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/capture-image-resource',
    'https://learn.microsoft.com/azure/virtual-machines/image-version',
    'https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries',
  ],
  covers: ['distro-arm64-gallery-only'],
  lisa: [],
  needs: ['options', 'rootfs'],
  appliesTo: { architectures: ['aarch64'] },
  facts: { bootGeneration },
  check({ bootGeneration: { from, uefi } }, { generation, storage }) {
    if (generation === 1)
      return fail(
        finding('the image is for Arm64 and declared to be of generation 1, expected 2', [], { subject: 'generation' }),
      );
    if (storage === 'managed-image')
      return notApplicable('gallery/managed-image-features reports that a managed image cannot be for Arm64');
    if (from === 'disk' && uefi.can === 'no')
      return notApplicable(`the disk boots no VM (${uefi.reason}), which other rules report`);
    return pass(uefi.evidence);
  },
});
