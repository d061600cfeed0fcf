import {
  compareDottedVersions,
  defineRule,
  fail,
  finding,
  isCouldNotRead,
  minimumVersions,
  notApplicable,
  omi,
  packages,
  pass,
  removePackages,
  unknown,
} from '../../src/rule-api.ts';

const { version: minimum, asOf, source } = minimumVersions.omi;

export default defineRule({
  id: 'security/omi-version',
  title: `OMI, if installed, is ${minimum} or newer`,
  severity: { base: 'warning', marketplace: 'error' },
  rationale:
    'Older versions let anybody who reaches the VM run programs as root without a password; certification refuses them.',
  remediation: 'Remove OMI, which only the retired Log Analytics agent used, or update it.',
  fix: removePackages('omi scx'),
  references: [source, 'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq'],
  covers: ['sec-omi-version'],
  lisa: ['azure_image_standard.verify_omi_version'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { omi, packages },
  check({ omi: found, packages: { state } }) {
    if (!found) return notApplicable('OMI is not installed');
    const { version, evidence } = found;
    if (version === undefined) {
      if (isCouldNotRead(state)) return unknown(`OMI is installed, but its version is not known: ${state.message}`);
      const message = `OMI is installed without a package, so its version is not known; ${minimum} is wanted`;
      return fail(finding(message, evidence, { severity: 'info' }));
    }
    if (compareDottedVersions(version, minimum) >= 0) return pass(evidence);
    return fail(
      finding(`OMI is ${version}, which lets anybody in as root; ${minimum} is wanted (as of ${asOf})`, evidence),
    );
  },
});
