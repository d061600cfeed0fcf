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
  ownEntries,
  type PlannedMount,
  pass,
  type RootSubvolume,
  regenerateGrubMenu,
  rootDevice,
  rootSubvolume,
  steps,
  unknown,
  unknownBy,
} from '../../src/rule-api.ts';

/** Entries of the OS disk without which the boot stops, against what the disk really holds. */
function judgeByDisk(mounts: readonly PlannedMount[], layout: DiskLayout, subvolume?: RootSubvolume): Judgement {
  const { own, missing, hidden, otherRoot } = ownEntries(mounts, layout);
  const findings = missing.map(({ mountPoint, device, evidence }): FindingDraft => {
    const message = `${mountPoint} is to come from ${device}, which is not on this disk: the boot stops without it`;
    return finding(message, evidence);
  });
  if (otherRoot) {
    const { mount, named, root } = otherRoot;
    const message = `fstab mounts ${named} on / (${mount.device}), and the system is on ${root}`;
    findings.push(finding(message, mount.evidence));
  }
  const table = subvolume?.byTable;
  const other = subvolume?.byBootEntries.find(({ path }) => path !== undefined && path !== table?.path);
  if (table && other) {
    const [wanted, mounted] = [table, other].map(({ option }) => option ?? 'the default subvolume');
    const message = `fstab wants ${wanted} on /, and the default boot entry mounts ${mounted}, which stays`;
    findings.push(finding(message, [table.evidence, other.evidence], { severity: 'warning' }));
  }
  if (findings.length > 0) return judge(findings);
  if (hidden.length > 0) return unknown(hidden.join('; '));
  if (own.length === 0) return notApplicable('fstab mounts nothing of the OS disk');
  return (table && unknownBy(subvolume?.unread ?? [])) ?? pass(own.map(({ evidence }) => evidence));
}

export default defineRule({
  id: 'storage/root-entry',
  title: 'fstab names the file systems that the system is on',
  severity: 'error',
  rationale:
    'systemd waits for a file system that the disk does not have, and the boot ends in the emergency shell. ' +
    'Of a directory only fstab and root= can be compared; what is on the disk, a disk image shows.',
  remediation: 'Put the UUID of the real root file system into both, and write the boot entries again.',
  fix: steps('blkid    # the UUID of the root file system', regenerateGrubMenu),
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-virtual-machine-cannot-start-fstab-errors',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-no-boot-dracut',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/storage.py',
  ],
  covers: ['fstab-root-entry-matches'],
  lisa: ['storage.verify_os_partition_identifier'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { rootDevice, rootSubvolume, diskLayout, mountPlan },
  check({
    rootDevice: { byTable, byBootEntries, unread },
    rootSubvolume: subvolume,
    diskLayout: layout,
    mountPlan: plan,
  }) {
    if (layout) return judgeByDisk(plan.mounts, layout, subvolume);
    if (!byTable) return notApplicable('fstab has no entry for /, so root= alone counts');
    const comparable = byBootEntries.filter(
      ({ identifier }) => identifier !== undefined && identifier.kind === byTable.identifier?.kind,
    );
    const other = comparable.find(({ identifier }) => identifier?.value !== byTable.identifier?.value);
    if (other) {
      const message = `fstab mounts ${byTable.device} on /, and the default boot entry has root=${other.device}`;
      return fail(finding(message, [byTable.evidence, other.evidence], { severity: 'warning' }));
    }
    if (comparable[0]) return pass([byTable.evidence, comparable[0].evidence]);
    const reason = 'fstab and root= name the root file system in different ways, which only the disk can compare';
    return unknownBy(unread) ?? notApplicable(reason);
  },
});
