import { defineRule, finding, judge, sizeText, swapAreas, swapPartitions } from '../../src/rule-api.ts';

export default defineRule({
  id: 'swap/os-disk',
  title: 'Nothing on the OS disk is used for swap',
  severity: { base: 'warning', marketplace: 'error' },
  rationale:
    'The VM boots, but swapping uses up the I/O limit of the OS disk and slows everything down; certification refuses it.',
  remediation:
    'Delete the entry and the swap file or partition; let cloud-init make swap on the temporary disk where it is wanted.',
  fix: [
    "sed -i -E '/^[^#].*[[:space:]]swap[[:space:]]/d' /etc/fstab",
    'rm -f /swapfile /swap.img    # a partition or volume has to be deleted from the disk',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/azure_image_standard.py',
  ],
  covers: ['swap-no-file-on-os-disk', 'swap-no-partition-on-os-disk'],
  lisa: ['azure_image_standard.verify_no_swap_on_osdisk'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { swapAreas, swapPartitions },
  check({ swapAreas: { onOsDisk, madeByCloudInit, files, unread, cloudInitUnread }, swapPartitions: onDisk }) {
    const isMissing = (device: string) => onDisk?.missing.includes(device) ?? false;
    const used = new Set(onOsDisk.map(({ device }) => device));
    const findings = [
      ...onOsDisk.map(({ device, medium, evidence }) =>
        finding(
          isMissing(device)
            ? `the boot waits for the swap ${medium} ${device}, which is not on this disk`
            : `the boot swaps to the ${medium} ${device} of the OS disk`,
          evidence,
          // Where the temporary disk is mounted, a file is not on the OS disk.
          { subject: device, restsOnAbsence: medium === 'file' && cloudInitUnread.length > 0 },
        ),
      ),
      ...(onDisk?.unused ?? []).map(({ id, place, size, logicalVolume }) =>
        finding(
          `${id} of ${sizeText(size)} is a swap ${logicalVolume ? 'volume' : 'partition'} that nothing uses`,
          { path: place },
          { subject: id },
        ),
      ),
      ...(madeByCloudInit
        ? [finding(`cloud-init makes the swap file ${madeByCloudInit.path} on the OS disk`, madeByCloudInit.evidence)]
        : []),
      ...files
        .filter(({ path }) => !used.has(path))
        .map((file) => finding(`a swap file of ${file.text ?? 'some size'} lies unused`, file, { severity: 'info' })),
    ];
    return judge(findings, [], unread);
  },
});
