import {
  defineRule,
  finding,
  installPackages,
  judge,
  kernelModules,
  kernelPackage,
  surveyDrivers,
  unknown,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'kernel/watchdog-cifs',
  title: 'The boot kernel has a watchdog core and CIFS',
  severity: 'warning',
  rationale: 'Certification runs a test for both, and a VM without CIFS cannot mount Azure file shares.',
  remediation: 'Install all modules of the kernel.',
  fix: installPackages({
    ...kernelPackage,
    rhel: 'kernel-modules',
    debian: '"linux-image-$(dpkg --print-architecture)"',
    ubuntu: 'linux-modules-extra-azure',
  }),
  references: [
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/azure_image_standard.py',
    'https://learn.microsoft.com/azure/storage/files/storage-how-to-use-files-linux',
  ],
  covers: ['kernel-watchdog-cifs'],
  lisa: ['azure_image_standard.verify_essential_kernel_modules', 'storage.verify_smb_linux'],
  needs: ['rootfs'],
  appliesTo: { profiles: ['marketplace'] },
  facts: { kernelModules },
  check({ kernelModules: { kernels, gap } }) {
    if (gap) return gap;
    const { absent, undecided } = surveyDrivers(kernels, [
      ['cifs', 'CIFS'],
      ['nfsv4', 'NFS_V4'],
    ]);
    const findings = absent.map(({ name, lack, evidence }) =>
      finding(lack, evidence, { severity: name === 'cifs' ? 'warning' : 'info', subject: lack }),
    );
    for (const { release, option, driver } of kernels) {
      const core = option('WATCHDOG');
      // The core is no module of its own name where it is built in.
      const isThere = core ? core.value !== 'n' : driver('watchdog').state !== 'absent';
      if (!isThere)
        findings.push(
          finding(`kernel ${release} has no watchdog core`, core?.evidence ?? driver('watchdog').evidence, {
            subject: 'watchdog',
          }),
        );
    }
    if (findings.length === 0 && undecided[0] !== undefined) return unknown(undecided[0]);
    return judge(findings, []);
  },
});
