import { defineRule, fail, finding, notApplicable, pass, storageNames, storagesFor } from '../../src/rule-api.ts';

export default defineRule({
  id: 'gallery/storage-for-image-type',
  title: 'The storage takes images of this type',
  severity: 'error',
  rationale:
    'A managed image hands every new VM provisioning data, which specialized content does not answer; a managed disk ' +
    'hands its VM none, so generalized content waits for it. Either way the first boot fails.',
  remediation: 'Choose a storage that fits the image type, or make the image of the other type.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/imaging',
    'https://learn.microsoft.com/azure/virtual-machines/capture-image-resource',
    'https://learn.microsoft.com/azure/virtual-machines/generalize',
  ],
  covers: ['gen-required-for-managed-image', 'managed-disk-single-vm'],
  lisa: [],
  needs: ['options'],
  appliesTo: {},
  facts: {},
  check(_facts, { imageType, storage, scenario }) {
    if (scenario !== undefined) {
      return notApplicable(`gallery/scenario judges type and storage by the declared scenario ${scenario}`);
    }
    const fitting = storagesFor(imageType);
    if (fitting.includes(storage)) return pass();
    const wanted = fitting.map((one) => storageNames[one]).join(' or ');
    return fail(finding(`${storageNames[storage]} does not take a ${imageType} image; ${wanted} does`));
  },
});
