import { defineRule, fail, finding, notApplicable, pass, rootDevice } from '../../src/rule-api.ts';

export default defineRule({
  id: 'storage/root-entry',
  title: 'fstab and the boot entry name the same root file system',
  severity: 'warning',
  rationale:
    'The initramfs boots from one and systemd then checks and remounts the other, for which the boot waits in vain. ' +
    'Whether either is on the disk, only a disk image shows.',
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
  facts: { rootDevice },
  check({ rootDevice: { byTable, byBootEntries } }) {
    if (!byTable) return notApplicable('fstab has no entry for /, so root= alone counts');
    const comparable = byBootEntries.filter(
      ({ identifier }) => identifier !== undefined && identifier.kind === byTable.identifier?.kind,
    );
    const other = comparable.find(({ identifier }) => identifier?.value !== byTable.identifier?.value);
    if (other) {
      const message = `fstab mounts ${byTable.device} on /, and the default boot entry has root=${other.device}`;
      return fail(finding(message, [byTable.evidence, other.evidence]));
    }
    const [first] = comparable;
    if (first) return pass([byTable.evidence, first.evidence]);
    return notApplicable(
      'fstab and root= name the root file system in different ways, which only the disk can compare',
    );
  },
});
