import { defineRule, type FindingDraft, finding, judge, kernelCommandLine, kernelModules } from '../../src/rule-api.ts';

/** Groups of build options of which each needs one set. */
const features: ReadonlyMap<string, readonly (readonly string[])[]> = new Map([
  ['crashkernel', [['CRASH_DUMP'], ['PROC_VMCORE'], ['KEXEC', 'KEXEC_FILE']]],
  ['resume', [['HIBERNATION']]],
  ['swiotlb', [['SWIOTLB']]],
  ['kprobe_event', [['KPROBE_EVENTS']]],
]);

export default defineRule({
  id: 'kernel/requested-features',
  title: 'The boot kernel has the features that the command line asks for',
  severity: 'info',
  rationale:
    'A parameter for crash dumps, hibernation or bounce buffers has no effect on a VM whose kernel was built without them.',
  remediation: 'Use a kernel with the option, or remove the parameter.',
  references: [
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/kdump/kdumpcrash.py',
    'https://learn.microsoft.com/azure/virtual-machines/linux/hibernate-resume-linux',
  ],
  covers: ['kernel-optional-features'],
  lisa: [
    'kdumpcrash.verify_kdumpcrash_on_random_cpu',
    'power.verify_hibernation_synthetic_network',
    'debug.verify_enable_kprobe',
    'provisioning.verify_deployment_provision_swiotlb_force',
  ],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { kernelCommandLine, kernelModules },
  check({ kernelCommandLine, kernelModules: { kernels, gap } }) {
    if (gap) return gap;
    const findings: FindingDraft[] = [];
    const parameters = kernelCommandLine.defaults.flatMap(({ parameters: words, evidence }) =>
      words.map((word) => ({ ...word, evidence })),
    );
    for (const { name, value, text, evidence } of parameters) {
      const options = features.get(name);
      if (!options || value === undefined || /^(?:0|no|none|off)$/.test(value)) continue;
      for (const { release, option, configuration } of kernels) {
        const lacking =
          configuration === undefined
            ? undefined
            : options.find((group) => group.every((each) => option(each)?.value === 'n'));
        if (lacking)
          findings.push(
            finding(`${text} has no effect: kernel ${release} was built without ${lacking.join(' and ')}`, evidence, {
              subject: name,
            }),
          );
      }
    }
    return judge(findings, []);
  },
});
