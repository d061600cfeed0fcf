import { defineRule, finding, judge, scsiNames } from '../../src/rule-api.ts';

export default defineRule({
  id: 'storage/disk-names',
  title: 'Nothing relies on names that only SCSI disks have',
  severity: 'warning',
  rationale:
    'Units, scripts and mounts that name /dev/sdX or /dev/disk/azure/scsi1 fail at boot on VM sizes whose disks are NVMe.',
  remediation: 'Name disks by UUID, or by /dev/disk/azure/data/by-lun/N and /dev/disk/azure/os of azure-vm-utils.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/nvme-linux',
    'https://github.com/Azure/azure-vm-utils',
  ],
  covers: ['nvme-no-scsi-paths'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { profiles: ['nvme'] },
  facts: { scsiNames },
  check({ scsiNames: { files, unread } }) {
    const findings = files.map(({ names, evidence }) =>
      finding(`${names.join(', ')} does not exist where disks are NVMe`, evidence),
    );
    return judge(findings, [], unread);
  },
});
