import { azureVmUtils, defineRule, fail, finding, installPackages, pass } from '../../src/rule-api.ts';

export default defineRule({
  id: 'storage/nvme-links',
  title: 'azure-vm-utils gives NVMe disks stable names',
  severity: 'info',
  rationale:
    'On sizes with NVMe the numbers of data disks change from boot to boot, and without these rules nothing else tells the disks apart.',
  remediation: 'Install azure-vm-utils.',
  fix: installPackages('azure-vm-utils'),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/azure-virtual-machine-utilities',
    'https://learn.microsoft.com/azure/virtual-machines/nvme-linux',
  ],
  covers: ['nvme-azure-vm-utils'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { profiles: ['nvme'] },
  facts: { azureVmUtils },
  check({ azureVmUtils: { rules, program } }) {
    if (!rules)
      return fail(finding('no rules of udev name NVMe data disks by their number in Azure (80-azure-disk.rules)'));
    if (program || !rules.path.endsWith('/80-azure-disk.rules')) return pass(program ? [rules, program] : rules);
    return fail(finding('80-azure-disk.rules calls azure-nvme-id, which is not in the image', rules));
  },
});
