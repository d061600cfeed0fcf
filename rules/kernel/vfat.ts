import {
  defineRule,
  type FindingDraft,
  finding,
  installPackages,
  judge,
  kernelModules,
  kernelPackage,
  mountPlan,
  unknown,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'kernel/vfat',
  title: 'The boot kernel can mount vfat',
  severity: 'error',
  rationale:
    'The EFI system partition is vfat: if fstab mounts it and the kernel has no vfat, or not the code page that it was built for, the boot ends in the emergency shell.',
  remediation: 'Install the package that carries vfat.ko and the nls modules of the default kernel.',
  fix: installPackages({ ...kernelPackage, rhel: 'kernel-core kernel-modules-core' }),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/vfat-disabled-boot-issues',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
  ],
  covers: ['kernel-vfat-support'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { kernelModules, mountPlan },
  check({ kernelModules: { kernels, gap }, mountPlan }) {
    if (gap) return gap;
    const mounts = mountPlan.mounts.filter(({ type }) => type === 'vfat');
    const awaited = mounts.find(({ stopsBoot }) => stopsBoot);
    const findings: FindingDraft[] = [];
    for (const { driver, option } of kernels) {
      const vfat = driver('vfat', 'VFAT_FS');
      if (vfat.state === 'unknown') return unknown(vfat.lack ?? 'vfat could not be looked up');
      if (vfat.state === 'absent') {
        const effect = awaited ? `, and the boot waits for ${awaited.mountPoint}` : '';
        const evidence = awaited ? [...vfat.evidence, awaited.evidence] : vfat.evidence;
        findings.push(
          finding(`${vfat.lack}${effect}`, evidence, { severity: awaited ? 'error' : 'warning', subject: 'vfat' }),
        );
        continue;
      }
      const charsets = mounts.flatMap(({ options }) =>
        options.flatMap((word) => /^iocharset=(.+)$/.exec(word)?.[1] ?? []),
      );
      const codePage = option('FAT_DEFAULT_CODEPAGE');
      const charset = charsets[0] ?? option('FAT_DEFAULT_IOCHARSET')?.value;
      const tables = [
        ...(codePage ? [`nls_cp${codePage.value}`] : []),
        ...(charset && charset !== 'utf8' ? [`nls_${charset}`] : []),
      ];
      for (const table of mounts.length > 0 ? tables : []) {
        const { state, lack, evidence } = driver(table);
        if (state !== 'absent' || lack === undefined) continue;
        findings.push(
          finding(`${lack}, which its vfat was built to use`, evidence, { severity: 'warning', subject: lack }),
        );
      }
    }
    return judge(findings, [], mountPlan.unread);
  },
});
