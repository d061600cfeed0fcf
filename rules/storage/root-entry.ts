import {
  type DiskLayout,
  defineRule,
  diskLayout,
  type FindingDraft,
  fail,
  finding,
  type Judgement,
  judge,
  mountPlan,
  notApplicable,
  type PlannedMount,
  pass,
  rootDevice,
  withinOsDisk,
} from '../../src/rule-api.ts';

/** Entries of the OS disk without which the boot stops, against what the disk really holds. */
function judgeByDisk(mounts: readonly PlannedMount[], layout: DiskLayout): Judgement {
  const own = mounts.filter(({ writtenIn, mountPoint }) => writtenIn === 'fstab' && withinOsDisk(mountPoint));
  const findings = own.flatMap(({ mountPoint, device, type, stopsBoot, evidence }): FindingDraft[] => {
    // A device name is what storage/device-names reports of the entry.
    if (!stopsBoot || layout.lockedPaths.includes(mountPoint) || /^\/dev\/(?:[shv]d|xvd|nvme|mmcblk|dm-)/.test(device))
      return [];
    const named = layout.find(device, { type });
    if (named.kind === 'missing')
      return [
        finding(
          `${mountPoint} is to come from ${device}, which is not on this disk: the boot stops without it`,
          evidence,
        ),
      ];
    const { root } = layout;
    if (mountPoint !== '/' || named.kind !== 'volume' || !root) return [];
    if (layout.find(device, { type, among: [root] }).kind === 'volume') return [];
    const message = `fstab mounts ${named.volume.id} on / (${device}), and the system is on ${root.id}`;
    return [finding(message, evidence)];
  });
  if (findings.length > 0) return judge(findings);
  const [first] = own;
  return first ? pass(own.map(({ evidence }) => evidence)) : notApplicable('fstab mounts nothing of the OS disk');
}

export default defineRule({
  id: 'storage/root-entry',
  title: 'fstab names the file systems that the system is on',
  severity: 'error',
  rationale:
    'systemd waits for a file system that the disk does not have, and the boot ends in the emergency shell. ' +
    'Of a directory only fstab and root= can be compared; what is on the disk, a disk image shows.',
  remediation: 'Put the UUID of the real root file system into both, and write the boot entries again.',
  fix: ['blkid    # the UUID of the root file system', 'grub2-mkconfig -o /boot/grub2/grub.cfg'],
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-virtual-machine-cannot-start-fstab-errors',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-no-boot-dracut',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/storage.py',
  ],
  covers: ['fstab-root-entry-matches'],
  lisa: ['storage.verify_os_partition_identifier'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { rootDevice, diskLayout, mountPlan },
  check({ rootDevice: { byTable, byBootEntries }, diskLayout: layout, mountPlan: { mounts } }) {
    if (layout) return judgeByDisk(mounts, layout);
    if (!byTable) return notApplicable('fstab has no entry for /, so root= alone counts');
    const comparable = byBootEntries.filter(
      ({ identifier }) => identifier !== undefined && identifier.kind === byTable.identifier?.kind,
    );
    const other = comparable.find(({ identifier }) => identifier?.value !== byTable.identifier?.value);
    if (other) {
      const message = `fstab mounts ${byTable.device} on /, and the default boot entry has root=${other.device}`;
      return fail(finding(message, [byTable.evidence, other.evidence], { severity: 'warning' }));
    }
    const [first] = comparable;
    if (first) return pass([byTable.evidence, first.evidence]);
    return notApplicable(
      'fstab and root= name the root file system in different ways, which only the disk can compare',
    );
  },
});
