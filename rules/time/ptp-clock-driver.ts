import { defineRule, finding, judge, kernelModules, kernelVersions, notApplicable } from '../../src/rule-api.ts';

export default defineRule({
  id: 'time/ptp-clock-driver',
  title: 'The boot kernel offers the clock of the host',
  severity: 'warning',
  rationale: 'Without it chrony on the VM cannot follow the clock of the host and depends on servers in the network.',
  remediation: 'Use the kernel of the distribution with all its modules.',
  references: ['https://learn.microsoft.com/azure/virtual-machines/linux/time-sync'],
  covers: ['time-kernel-ptp'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { kernelModules, kernelVersions },
  check({ kernelModules: { kernels, gap }, kernelVersions }) {
    if (gap) return gap;
    const findings = kernels.flatMap(({ release, driver }) => {
      const version = kernelVersions.find((known) => known.release === release);
      const hasBackport = version?.vendor === 'el' && version.vendorRelease === 7 && version.isBuildAtLeast('693');
      if (version && !version.isAtLeast('4.11') && !hasBackport) {
        const message = `kernel ${release} cannot offer the clock of the host; that came with 4.11`;
        return finding(message, version.evidence, { severity: 'info', subject: release });
      }
      const ptp = driver('ptp', 'PTP_1588_CLOCK');
      return ptp.state === 'absent' ? finding(ptp.lack ?? 'ptp is missing', ptp.evidence, { subject: release }) : [];
    });
    const hasUtilities = kernels.some(({ driver }) => driver('hv_utils', 'HYPERV_UTILS').state !== 'absent');
    if (findings.length === 0 && !hasUtilities)
      return notApplicable('kernel/hyperv-drivers reports that hv_utils is missing');
    return judge(
      findings,
      kernels.flatMap(({ driver }) => driver('ptp', 'PTP_1588_CLOCK').evidence),
    );
  },
});
