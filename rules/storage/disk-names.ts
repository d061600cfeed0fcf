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
    const findings = files.flatMap(({ path, names, evidence }) => {
      // Of /dev/sdX in fstab storage/device-names says that it is wrong on every size.
      const own = names.filter((name) => path !== '/etc/fstab' || !name.startsWith('/dev/sd'));
      const lines = evidence.filter(({ text }) => own.some((name) => text?.includes(name)));
      return own.length === 0 ? [] : finding(`${own.join(', ')} does not exist where disks are NVMe`, lines);
    });
    return judge(findings, [], unread);
  },
});
