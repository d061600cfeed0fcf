import {
  defineRule,
  finding,
  judge,
  kernelVersions,
  notApplicable,
  unknown,
  updatePackages,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'kernel/sack-fix',
  title: 'The boot kernel has the TCP fixes of 2019',
  severity: 'warning',
  rationale:
    'Certification refuses an image whose kernel is open to CVE-2019-11477, 11478 and 11479: a packet from anywhere crashes the VM.',
  remediation: 'Update the kernel.',
  fix: updatePackages({
    rhel: 'kernel',
    debian: '"linux-image-cloud-$(dpkg --print-architecture)"',
    ubuntu: 'linux-azure',
    suse: 'kernel-default',
    azurelinux: 'kernel',
  }),
  references: [
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
    'https://nvd.nist.gov/vuln/detail/CVE-2019-11477',
  ],
  covers: ['kernel-sack-fixed'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { profiles: ['marketplace'] },
  facts: { kernelVersions },
  check({ kernelVersions }) {
    if (kernelVersions.length === 0) return notApplicable('no kernel with a readable release is in this root');
    const open = kernelVersions.filter(({ hasSackFixes }) => hasSackFixes === false);
    const findings = open.map(({ release, sackFixesSince, evidence }) =>
      finding(
        `kernel ${release} is older than ${sackFixesSince}, the first with the fixes for TCP selective acknowledgements`,
        evidence,
        {
          subject: release,
        },
      ),
    );
    const unclear = kernelVersions.find(({ hasSackFixes }) => hasSackFixes === undefined);
    if (findings.length === 0 && unclear)
      return unknown(`the number of kernel ${unclear.release} does not tell whether it has the fixes`);
    return judge(
      findings,
      kernelVersions.map(({ evidence }) => evidence),
    );
  },
});
