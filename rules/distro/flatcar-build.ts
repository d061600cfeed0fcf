import { defineRule, diskLayout, fail, finding, flatcarOem, notApplicable, pass, unknown } from '../../src/rule-api.ts';

export default defineRule({
  id: 'distro/flatcar-build',
  title: 'A Flatcar image is the build for Azure',
  severity: 'warning',
  rationale:
    'Builds for other platforms bring no Azure agent and other console settings, so the first boot does not report ready and the deployment times out.',
  remediation: 'Start from the prebuilt image for Azure, or build with image_to_vm.sh --format=azure.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/flatcar-create-upload-vhd',
    'https://github.com/flatcar/scripts',
  ],
  covers: ['distro-flatcar-image'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { families: ['flatcar'] },
  facts: { flatcarOem, diskLayout },
  check({ flatcarOem: { isShown, id, hasAgent, evidence }, diskLayout: layout }) {
    if (!isShown) {
      const reason = 'the OEM partition, which tells the platform, cannot be seen';
      return layout ? unknown(reason) : notApplicable(reason);
    }
    if (id !== undefined && id !== 'azure')
      return fail(finding(`the image is built for the platform ${id}, expected azure`, evidence, { subject: 'oem' }));
    if (id === undefined)
      return fail(
        finding('the image is built for no platform: no OEM id is set, expected azure', evidence, { subject: 'oem' }),
      );
    if (!hasAgent)
      return fail(
        finding('the OEM partition brings no agent: neither a system extension oem-azure nor bin/waagent', evidence, {
          subject: 'agent',
        }),
      );
    return pass(evidence);
  },
});
