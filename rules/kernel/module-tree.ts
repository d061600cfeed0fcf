import {
  bootKernels,
  defineRule,
  finding,
  installedKernels,
  judge,
  monolithicKernels,
  notApplicable,
  reinstallPackages,
  steps,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'kernel/module-tree',
  title: 'The modules of the boot kernel are in the image',
  severity: 'error',
  rationale:
    'The kernel starts, but finds no driver for network, file systems or the DVD on the first boot, because the image has the modules of other kernels only.',
  remediation:
    'Install the package with the modules of the kernel that boots, or make another kernel the default entry.',
  fix: steps(
    reinstallPackages({
      rhel: '"kernel-core-$K" "kernel-modules-$K"',
      debian: '"linux-image-$K"',
      ubuntu: '"linux-image-$K" "linux-modules-$K"',
      suse: 'kernel-default',
      azurelinux: 'kernel',
    }),
    'depmod "$K"',
  ),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/kernel-related-boot-issues',
  ],
  covers: ['kernel-modules-match-boot-kernel'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { bootKernels, installedKernels, monolithicKernels },
  check({ bootKernels: { kernels }, installedKernels, monolithicKernels: monolithic }) {
    const known = kernels.filter(({ release }) => release !== undefined);
    if (known.length === 0) return notApplicable('no kernel with a readable release is in this root');
    const others = installedKernels.flatMap(({ release, modules }) => (modules === undefined ? [] : [release]));
    const findings = known.flatMap(({ release = '', modules, hasModuleIndex, evidence }) => {
      if ((modules !== undefined && hasModuleIndex) || monolithic.includes(release)) return [];
      if (modules !== undefined)
        return finding(
          `${modules} has no modules.dep, so no module of kernel ${release} loads`,
          { path: modules },
          { subject: release },
        );
      const message = `kernel ${release} boots, but /usr/lib/modules/${release} is missing`;
      // A kernel may have everything built in; then nobody installed modules of another one.
      if (others.length === 0) return finding(message, evidence, { severity: 'warning', subject: release });
      return finding(`${message}; there are modules of ${others.join(', ')} only`, evidence, { subject: release });
    });
    return judge(
      findings,
      known.map(({ evidence }) => evidence),
    );
  },
});
