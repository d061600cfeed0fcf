import {
  type BootEntry,
  defineRule,
  type FindingDraft,
  finding,
  judge,
  judgeEntries,
  kernelCommandLine,
  lastValue,
  notApplicable,
  withoutDefaultEntry,
} from '../../src/rule-api.ts';

/** Names that depend on the order in which disks are found, and device numbers. */
const unstable = /^(?:\/dev\/)?(?:(?:sd|vd|xvd|hd)[a-z]+\d*|nvme\d+n\d+(?:p\d+)?|dm-\d+|mmcblk\d+(?:p\d+)?)$/;
const isUnstable = (root: string): boolean => unstable.test(root) || /^(?:0x)?[0-9a-f]{3,4}$|^\d+:\d+$/i.test(root);

function judgeEntry(entry: BootEntry): FindingDraft[] {
  const root = lastValue(entry, 'root');
  if (root === undefined || !isUnstable(root)) return [];
  const message = `root=${root} is a name that may be another disk on Azure; root=UUID=… names the file system itself`;
  return [finding(message, entry.evidence, { subject: 'name' })];
}

export default defineRule({
  id: 'boot/root-device',
  title: 'root= names the root file system by an identifier that stays',
  severity: 'error',
  rationale:
    'Disks have other names on Azure, and others again on NVMe sizes, so a kernel that is given /dev/vda1 or /dev/sda2 may not find its root on the first boot.',
  remediation: 'Name the root file system by UUID in every boot entry.',
  fix: ['grubby --update-kernel=ALL --remove-args=root --args="root=UUID=$(findmnt -no UUID /)"'],
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/troubleshoot-device-names-problems',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-no-boot-dracut',
  ],
  covers: ['cmdline-root-persistent'],
  lisa: ['storage.verify_os_partition_identifier'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { kernelCommandLine },
  check({ kernelCommandLine: commandLine }) {
    const reason = withoutDefaultEntry(commandLine);
    if (reason !== undefined) return notApplicable(reason);
    return judge(
      judgeEntries(commandLine.defaults, judgeEntry),
      commandLine.defaults.map(({ evidence }) => evidence),
    );
  },
});
