import {
  addKernelArguments,
  defineRule,
  finding,
  judge,
  judgeEntries,
  kernelCommandLine,
  notApplicable,
  parametersNamed,
  withoutDefaultEntry,
} from '../../src/rule-api.ts';

const wanted = 'arm_pmu_acpi_init';

export default defineRule({
  id: 'boot/arm64-profiling',
  title: 'arm64 kernels leave the incomplete profiling unit of Hyper-V alone',
  severity: 'info',
  rationale:
    'Hyper-V shows arm64 virtual machines a performance monitoring unit that is not complete; older kernels log errors about it at boot, and the LISA test fails.',
  remediation: 'Add initcall_blacklist=arm_pmu_acpi_init to the kernel command line.',
  fix: addKernelArguments('initcall_blacklist=arm_pmu_acpi_init'),
  references: ['https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/timesync.py'],
  covers: ['cmdline-arm64-pmu-blacklist'],
  lisa: ['timesync.verify_pmu_disabled_for_arm64'],
  needs: ['rootfs'],
  appliesTo: { architectures: ['aarch64'] },
  facts: { kernelCommandLine },
  check({ kernelCommandLine: commandLine }) {
    const reason = withoutDefaultEntry(commandLine);
    if (reason !== undefined) return notApplicable(reason);
    const { defaults } = commandLine;
    const findings = judgeEntries(defaults, (entry) => {
      const lists = parametersNamed(entry, 'initcall_blacklist').map(({ value }) => value ?? '');
      if (lists.some((list) => list.split(',').includes(wanted))) return [];
      return [finding(`the default boot entry has no initcall_blacklist=${wanted}`, entry.evidence)];
    });
    return judge(
      findings,
      defaults.map(({ evidence }) => evidence),
    );
  },
});
