import { defineRule, fail, finding, imageOrigin, notApplicable, pass } from '../../src/rule-api.ts';

export default defineRule({
  id: 'distro/cloud-image-origin',
  title: 'The image descends from the distribution’s cloud image',
  severity: 'info',
  rationale:
    'A system from the installer keeps the network, users and cloud-init files of the machine it was installed on, which every clone takes over unless each is removed by hand.',
  remediation: 'Start from the official Azure image of the distribution.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/debian-create-upload-vhd',
  ],
  covers: ['distro-ubuntu-base-cloudimg'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { families: ['ubuntu', 'debian'] },
  facts: { imageOrigin },
  check({ imageOrigin: { cloudImage, installer } }) {
    if (installer.length > 0) {
      return fail(finding('the system was installed from installation media, not made from a cloud image', installer));
    }
    return cloudImage.length > 0 ? pass(cloudImage) : notApplicable('nothing tells how the image was built');
  },
});
