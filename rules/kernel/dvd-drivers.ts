import {
  defineRule,
  finding,
  installPackages,
  judge,
  kernelModules,
  kernelPackage,
  notApplicable,
  provisioningDvd,
  type Severity,
  surveyDrivers,
  unknown,
  type WantedDriver,
} from '../../src/rule-api.ts';

const drive: readonly WantedDriver[] = [
  ['udf', 'UDF_FS'],
  ['isofs', 'ISO9660_FS'],
  ['sr_mod', 'BLK_DEV_SR'],
  ['cdrom', 'CDROM'],
];
/** The drive hangs on IDE in generation 1 and on SCSI in generation 2. */
const ide: readonly WantedDriver[] = [
  ['ata_piix', 'ATA_PIIX'],
  ['libata', 'ATA'],
];
const severities: Readonly<Record<'required' | 'data' | 'settings', Severity>> = {
  required: 'error',
  data: 'warning',
  settings: 'info',
};

export default defineRule({
  id: 'kernel/dvd-drivers',
  title: 'The boot kernel can read the provisioning DVD',
  severity: 'error',
  rationale:
    'On the first boot user, password and custom data arrive on a UDF disc in a virtual drive; waagent cannot provision without it, and cloud-init loses the password and custom data.',
  remediation: 'Install the package that carries udf.ko and sr_mod.ko of the default kernel.',
  fix: installPackages({
    ...kernelPackage,
    debian: '"linux-image-$(dpkg --print-architecture)"',
    ubuntu: 'linux-modules-extra-azure',
  }),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/provisioning',
    'https://learn.microsoft.com/azure/virtual-machines/linux/using-cloud-init',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-vm-deployment-issues',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/osutil/default.py',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/sources/DataSourceAzure.py',
  ],
  covers: ['kernel-udf-support', 'kernel-dvd-driver'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { kernelModules, provisioningDvd },
  check({ kernelModules: { kernels, gap }, provisioningDvd: { need, reader } }, { generation }) {
    if (need === 'unused') return notApplicable('nobody in the image reads the provisioning DVD');
    if (gap) return gap;
    const { absent, undecided, evidence } = surveyDrivers(kernels, generation === 1 ? [...drive, ...ide] : drive);
    const findings = absent.map(({ name, lack, evidence: where }) => {
      // The disc is UDF; ISO 9660 is only what its reader tries next.
      const severity = name === 'isofs' ? 'info' : severities[need];
      return finding(`${lack}, and ${reader} reads the provisioning DVD`, where, { severity, subject: lack });
    });
    if (findings.length === 0 && undecided[0] !== undefined) return unknown(undecided[0]);
    return judge(findings, evidence);
  },
});
