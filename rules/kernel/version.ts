import { defineRule, finding, judge, kernelVersions, notApplicable } from '../../src/rule-api.ts';

export default defineRule({
  id: 'kernel/version',
  title: 'The boot kernel is recent enough for Azure',
  severity: 'error',
  rationale:
    'Oracle’s UEK2 has no drivers for Azure, so the first boot fails; kernels before 3.8 lack fixes in storvsc, ata_piix and scsi, which shows as hangs or damaged data on a busy VM.',
  remediation: 'Install a supported kernel of the distribution and make it the default entry.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://learn.microsoft.com/azure/virtual-machines/linux/oracle-create-upload-vhd',
  ],
  covers: ['kernel-minimum-version', 'oracle-uek2-unsupported'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { kernelVersions },
  check({ kernelVersions }) {
    if (kernelVersions.length === 0) return notApplicable('no kernel with a readable release is in this root');
    const findings = kernelVersions.flatMap((kernel) => {
      const { release, base, vendor, vendorRelease = 0, evidence } = kernel;
      if (vendor === 'uek' && !kernel.isAtLeast('3.8'))
        return finding(`${release} is UEK2, which has no drivers for Azure`, evidence, { subject: release });
      const hasBackports = vendor === 'el' && vendorRelease === 6 && kernel.isBuildAtLeast('504');
      if (!kernel.isAtLeast('3.8') && !hasBackports)
        return finding(`kernel ${release} is older than 3.8`, evidence, { severity: 'warning', subject: release });
      if (kernel.isAtLeast('4.5') || vendor !== undefined) return [];
      const message = `kernel ${release} is of no known distribution, and ${base} itself lacks fixes for Azure that came until 4.5`;
      return finding(message, evidence, { severity: 'info', subject: release });
    });
    return judge(
      findings,
      kernelVersions.map(({ evidence }) => evidence),
    );
  },
});
