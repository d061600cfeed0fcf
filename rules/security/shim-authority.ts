import { bootSignatures, defineRule, fail, finding, notApplicable, pass, updatePackages } from '../../src/rule-api.ts';

export default defineRule({
  id: 'security/shim-authority',
  title: 'shim is signed by a current authority of Microsoft',
  severity: 'info',
  rationale:
    'The UEFI CA of 2011 expires from June 2026; a VM whose shim is signed by it alone keeps booting, but gets no later update of it.',
  remediation: 'Update shim to a version that carries the signature of 2023 too.',
  fix: updatePackages({ rhel: 'shim-x64', debian: 'shim-signed', suse: 'shim', azurelinux: 'shim' }),
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-vm-secure-boot-cert-updates-trusted-launch',
  ],
  covers: ['tl-shim-fresh'],
  lisa: [],
  needs: ['esp', 'rootfs'],
  appliesTo: { profiles: ['trusted-launch'] },
  facts: { bootSignatures },
  check({ bootSignatures: { programs } }) {
    const shim = programs.find(({ kind }) => kind === 'shim');
    const issuers = shim?.signatures.map(({ issuer }) => issuer ?? '') ?? [];
    if (!shim || issuers.length === 0) return notApplicable('the firmware starts no signed shim');
    const place = { path: shim.path, text: issuers.join(', ') };
    if (!issuers.every((issuer) => issuer === 'Microsoft Corporation UEFI CA 2011')) return pass(place);
    return fail(
      finding('shim is signed by Microsoft Corporation UEFI CA 2011 alone, which expires from June 2026', place, {
        subject: 'issuer',
      }),
    );
  },
});
