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
  id: 'storage/nvme-kernel-drivers',
  title: 'The boot kernel has the NVMe drivers',
  severity: 'error',
  rationale: 'On VM sizes with NVMe disks the first boot does not see the OS disk.',
  remediation: 'Install all modules of the kernel.',
  fix: installPackages(kernelPackage),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/oracle-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/nvme/nvme.py',
  ],
  covers: ['nvme-modules-in-kernel'],
  lisa: ['nvme.verify_nvme_basic'],
  needs: ['rootfs'],
  appliesTo: { profiles: ['nvme'] },
  facts: { kernelModules },
  check({ kernelModules: { kernels, gap } }) {
    if (gap) return gap;
    const { absent, undecided, evidence } = surveyDrivers(kernels, [
      ['nvme', 'BLK_DEV_NVME'],
      ['nvme_core', 'NVME_CORE'],
    ]);
    if (absent.length === 0 && undecided[0] !== undefined) return unknown(undecided[0]);
    return judge(
      absent.map(({ lack, evidence: where }) => finding(lack, where, { subject: lack })),
      evidence,
    );
  },
});
