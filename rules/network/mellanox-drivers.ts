import {
  defineRule,
  finding,
  installPackages,
  judge,
  kernelModules,
  kernelPackage,
  modprobeRules,
  surveyDrivers,
  unknown,
  type WantedDriver,
} from '../../src/rule-api.ts';

const drivers: readonly WantedDriver[] = [
  ['mlx4_core', 'MLX4_CORE'],
  ['mlx4_en', 'MLX4_EN'],
  ['mlx5_core', 'MLX5_CORE'],
];

export default defineRule({
  id: 'network/mellanox-drivers',
  title: 'The Mellanox drivers are available',
  severity: 'warning',
  rationale: 'Without them a VM with accelerated networking silently uses the slower path through the host.',
  remediation: 'Install all modules of the kernel and do not blacklist the Mellanox drivers.',
  fix: installPackages({ ...kernelPackage, rhel: 'kernel-modules' }),
  references: [
    'https://learn.microsoft.com/azure/virtual-network/accelerated-networking-overview',
    'https://learn.microsoft.com/azure/virtual-network/accelerated-networking-how-it-works',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/network/sriov.py',
  ],
  covers: ['an-mellanox-drivers'],
  lisa: ['sriov.verify_services_state', 'sriov.verify_sriov_basic'],
  needs: ['rootfs'],
  appliesTo: { profiles: ['accelerated-networking'] },
  facts: { kernelModules, modprobeRules },
  check({ kernelModules: { kernels, gap }, modprobeRules }) {
    if (gap) return gap;
    const { absent, undecided, evidence } = surveyDrivers(kernels, drivers);
    const findings = absent.map(({ lack, evidence: where }) => finding(lack, where, { subject: lack }));
    for (const { release, option } of kernels) {
      const ethernet = option('MLX5_CORE_EN');
      if (ethernet?.value === 'n')
        findings.push(finding(`mlx5_core of kernel ${release} was built without Ethernet`, ethernet.evidence));
    }
    for (const { module, onlyInInitramfs, evidence: where } of modprobeRules.blocks) {
      if (onlyInInitramfs || !drivers.some(([name]) => name === module)) continue;
      if (kernels.some(({ driver }) => driver(module).state === 'module'))
        findings.push(finding(`${module} is kept from loading`, where));
    }
    if (findings.length === 0 && undecided[0] !== undefined) return unknown(undecided[0]);
    return judge(findings, evidence, modprobeRules.unread);
  },
});
