import {
  type BootEntry,
  type ChosenSubvolume,
  type DiskLayout,
  defineRule,
  diskLayout,
  type FindingDraft,
  finding,
  judge,
  judgeEntries,
  kernelCommandLine,
  lastValue,
  notApplicable,
  regenerateGrubMenu,
  rootSubvolume,
  steps,
  withoutDefaultEntry,
} from '../../src/rule-api.ts';

/** Names that depend on the order in which disks are found, and device numbers. */
const unstable = /^(?:\/dev\/)?(?:(?:sd|vd|xvd|hd)[a-z]+\d*|nvme\d+n\d+(?:p\d+)?|dm-\d+|mmcblk\d+(?:p\d+)?)$/;
const isUnstable = (root: string): boolean => unstable.test(root) || /^(?:0x)?[0-9a-f]{3,4}$|^\d+:\d+$/i.test(root);

function judgeEntry(entry: BootEntry, layout: DiskLayout | undefined): FindingDraft[] {
  const root = lastValue(entry, 'root');
  if (root === undefined) return [];
  if (isUnstable(root)) {
    const message = `root=${root} is a name that may be another disk on Azure; root=UUID=… names the file system itself`;
    return [finding(message, entry.evidence, { subject: 'name' })];
  }
  const place = layout?.root;
  // A partition may be named by its distance from another one.
  if (!layout || !place || root.includes('/PARTNROFF=') || layout.find(root, { among: [place] }).kind === 'volume')
    return [];
  const named = layout.find(root);
  if (named.kind === 'elsewhere') return [];
  const uuid = place.content.kind === 'file-system' ? place.content.fileSystem.uuid : undefined;
  const own = `the root file system is on ${place.id}${uuid === undefined ? '' : ` with UUID ${uuid}`}`;
  const what = named.kind === 'missing' ? 'names nothing on this disk' : `names ${named.volume.id}`;
  return [finding(`root=${root} ${what}; ${own}`, entry.evidence, { subject: 'disk' })];
}

/** The initramfs mounts this subvolume and looks for init in it. */
function judgeSubvolume(volume: string, { option, obstacle, evidence }: ChosenSubvolume): FindingDraft[] {
  if (obstacle === undefined) return [];
  const what = option === undefined ? 'no rootflags= choose a subvolume, and' : `rootflags=${option}:`;
  return [finding(`${what} ${volume} ${obstacle}`, evidence, { subject: 'subvolume' })];
}

export default defineRule({
  id: 'boot/root-device',
  title: 'root= names the root file system by an identifier that stays',
  severity: 'error',
  rationale:
    'Disks have other names on Azure, and others again on NVMe sizes, so a kernel that is given /dev/vda1 or /dev/sda2 may not find its root on the first boot.',
  remediation: 'Name the root file system by UUID in every boot entry.',
  fix: {
    // GRUB's own scripts name the root file system by UUID, unless they are told not to.
    ...steps("sed -i 's/^GRUB_DISABLE_LINUX_\\(PART\\)\\?UUID=/#&/' /etc/default/grub", regenerateGrubMenu),
    rhel: ['grubby --update-kernel=ALL --remove-args=root --args="root=UUID=$(findmnt -no UUID /)"'],
    flatcar: [],
  },
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/troubleshoot-device-names-problems',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-no-boot-dracut',
  ],
  covers: ['cmdline-root-persistent'],
  lisa: ['storage.verify_os_partition_identifier'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { kernelCommandLine, diskLayout, rootSubvolume },
  check({ kernelCommandLine: commandLine, diskLayout: layout, rootSubvolume: subvolume }) {
    const reason = withoutDefaultEntry(commandLine);
    if (reason !== undefined) return notApplicable(reason);
    return judge(
      [
        ...judgeEntries(commandLine.defaults, (entry) => judgeEntry(entry, layout)),
        ...(subvolume?.byBootEntries ?? []).flatMap((chosen) => judgeSubvolume(subvolume?.volume ?? '', chosen)),
      ],
      commandLine.defaults.map(({ evidence }) => evidence),
    );
  },
});
