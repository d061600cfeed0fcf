import { defineRule, finding, judge, notApplicable, temporaryDisk, unknownBy } from '../../src/rule-api.ts';

export default defineRule({
  id: 'storage/temporary-disk-use',
  title: 'No service needs the temporary disk',
  severity: 'warning',
  rationale:
    'Some sizes of VM have no temporary disk, and on others it is empty after the first boot and after each move to another host.',
  remediation: 'Move the data to the OS disk or a data disk, or let the unit start only when the disk is there.',
  fix: ['systemctl --root=/ edit NAME.service    # ConditionPathIsMountPoint=/mnt'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/create-swap-file-linux-vm',
    'https://learn.microsoft.com/azure/virtual-machines/azure-vms-no-temp-disk',
  ],
  covers: ['temp-disk-not-required'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { temporaryDisk },
  check({ temporaryDisk: { mountPoints, dependents, unread } }) {
    const [first] = mountPoints;
    const gap = unknownBy(unread);
    if (!first && gap) return gap;
    if (!first) return notApplicable('nothing in the image mounts the temporary disk');
    const findings = dependents.map(({ message, evidence }) =>
      finding(`${message}, which is on the temporary disk`, evidence),
    );
    return judge(findings, first.evidence ? [first.evidence] : [], unread);
  },
});
