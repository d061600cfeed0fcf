import {
  defineRule,
  type FindingDraft,
  fileSystemTable,
  finding,
  judge,
  kernelModules,
  mountPlan,
  type PlannedMount,
} from '../../src/rule-api.ts';

/** Directories without which a system is not whole. */
const systemPath = /^\/(?:$|(?:usr|var|boot|home|opt|srv|etc)(?:\/|$))/;

/** A file system on a disk has one device; overlays and API file systems may lie over each other. */
function twoDevices(mounts: readonly PlannedMount[]): readonly FindingDraft[] {
  const first = new Map<string, PlannedMount>();
  return mounts.flatMap((mount): readonly FindingDraft[] => {
    const { mountPoint, device, deviceKind, evidence } = mount;
    if ((deviceKind !== 'identifier' && deviceKind !== 'kernel-name') || mountPoint === '') return [];
    const earlier = first.get(mountPoint);
    if (!earlier) first.set(mountPoint, mount);
    if (!earlier || earlier.device === device) return [];
    return [finding(`${mountPoint} is named twice, with different devices`, [evidence, earlier.evidence])];
  });
}

export default defineRule({
  id: 'storage/fstab-entries',
  title: 'Every line of fstab can be mounted',
  severity: 'error',
  rationale:
    'A mandatory entry that cannot be mounted makes the boot fail in the emergency shell, where nobody can log in.',
  remediation: 'Correct the line; findmnt names the faults.',
  fix: ['findmnt --verify --tab-file /etc/fstab'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-virtual-machine-cannot-start-fstab-errors',
    'https://github.com/util-linux/util-linux/blob/master/misc-utils/findmnt-verify.c',
  ],
  covers: ['fstab-syntax'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { fileSystemTable, mountPlan, kernelModules },
  check({ fileSystemTable: { rejected }, mountPlan: { mounts, unread }, kernelModules: { kernels } }) {
    const lost = rejected.map(({ message, evidence }) => {
      const [, path = ''] = /^\s*\S+\s+(\S+)/.exec(evidence.text ?? '') ?? [];
      // systemd before version 254 tries to mount the line all the same, with the comment for options.
      const stopsBoot = message.startsWith('a #') || (message.startsWith('fewer') && systemPath.test(path));
      return finding(message, evidence, stopsBoot ? {} : { severity: 'warning' });
    });
    const root = mounts.find(({ mountPoint }) => mountPoint === '/');
    const flaws = mounts.flatMap((mount): readonly FindingDraft[] => {
      const { type, mountPoint, options, isSwap, stopsBoot, startsAtBoot, evidence, hasUnknownType } = mount;
      if (mount.writtenIn === 'unit') return [];
      const weaker = stopsBoot ? {} : ({ severity: 'warning' } as const);
      if (hasUnknownType)
        return [finding(`${type} is no type of file system that this image can mount`, evidence, weaker)];
      if (!mountPoint.startsWith('/') && !isSwap && mountPoint !== 'none')
        return [
          finding(`the mount point ${mountPoint} is no absolute path, so nothing is mounted`, evidence, {
            severity: 'warning',
          }),
        ];
      if (options.some((option) => option.startsWith('#')))
        return [finding('a # behind the fields begins no comment: it is taken for a mount option', evidence, weaker)];
      // The drivers of / belong to the initramfs, and kernel rules judge vfat.
      const drivers =
        stopsBoot && startsAtBoot && type !== root?.type && /^(?:xfs|btrfs|ext4|f2fs|zfs|jfs|exfat)$/.test(type);
      const without = drivers ? kernels.find(({ driver }) => driver(type).state === 'absent') : undefined;
      return without
        ? [finding(`kernel ${without.release} has no driver for ${type}, which ${mountPoint} needs`, evidence)]
        : [];
    });
    const doubled = twoDevices(mounts).map((draft) => ({ ...draft, severity: 'warning' as const }));
    return judge([...lost, ...flaws, ...doubled], mounts.map(({ evidence }) => evidence).slice(0, 1), unread);
  },
});
