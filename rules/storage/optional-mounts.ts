import {
  defineRule,
  diskLayout,
  type Evidence,
  finding,
  judge,
  mountPlan,
  type PlannedMount,
  unknown,
  withinOsDisk,
} from '../../src/rule-api.ts';

/** Devices and volume groups that are mounted where the OS disk is. */
function osDisk(mounts: readonly PlannedMount[]): ReadonlySet<string | undefined> {
  const own = mounts.filter(({ mountPoint }) => withinOsDisk(mountPoint));
  return new Set(
    own.flatMap(({ device, volumeGroup }) => (volumeGroup === undefined ? [device] : [device, volumeGroup])),
  );
}

const warn = (message: string, evidence: Evidence) => finding(message, evidence, { severity: 'warning' });

export default defineRule({
  id: 'storage/optional-mounts',
  title: 'Mounts of anything but the OS disk may fail',
  severity: 'error',
  rationale:
    'A VM made from the image lacks that disk or share: the boot waits 90 seconds for it and then ends in the emergency shell.',
  remediation: 'Add nofail to the options of the entry, or delete it.',
  fix: ["sed -i -E '\\#^UUID=DATA-UUID[[:space:]]#s/defaults/defaults,nofail/' /etc/fstab"],
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-virtual-machine-cannot-start-fstab-errors',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/troubleshoot-device-names-problems',
    'https://github.com/systemd/systemd/blob/main/src/fstab-generator/fstab-generator.c',
  ],
  covers: ['fstab-nofail-non-os'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { mountPlan, diskLayout },
  check({ mountPlan: { mounts, unread }, diskLayout: layout }, { imageType }) {
    const own = osDisk(mounts);
    const hidden: string[] = [];
    const findings = mounts.flatMap((mount) => {
      const {
        deviceKind,
        mountPoint,
        device,
        type,
        volumeGroup,
        startsAtBoot,
        mayFail,
        stopsBoot,
        isSwap,
        writtenIn,
        evidence,
      } = mount;
      if (isSwap || !startsAtBoot || mayFail || deviceKind === 'virtual' || deviceKind === 'file') return [];
      if (deviceKind === 'identifier' || deviceKind === 'kernel-name') {
        // A device name is what storage/device-names reports of the entry.
        if (deviceKind === 'kernel-name') return [];
        if (layout) {
          // Of the system's own places storage/root-entry reports it.
          if (layout.lockedPaths.includes(mountPoint) || layout.find(device, { type }).kind !== 'missing') return [];
          if (withinOsDisk(mountPoint) && writtenIn === 'fstab') return [];
          if (layout.closed.length > 0) {
            hidden.push(`${mountPoint} is on ${device}, which may be in ${layout.closed.join('; ')}`);
            return [];
          }
          const missing = `${mountPoint} is on ${device}, which is not on this disk`;
          if (!stopsBoot) return [warn(`${missing}, and the boot waits in vain for it`, evidence)];
          return [finding(`${missing}, and the boot does not go on without it`, evidence)];
        }
        if (withinOsDisk(mountPoint) || own.has(device) || own.has(volumeGroup)) return [];
        return [warn(`${mountPoint} looks like a data disk, and the boot does not go on without ${device}`, evidence)];
      }
      // In a generalized image storage/fstab-residue reports what is left of the build machine.
      if (imageType === 'generalized') return [];
      const what = deviceKind === 'network' ? 'a share' : 'a device';
      const effect = stopsBoot ? 'the boot does not go on' : 'the boot waits in vain';
      return [warn(`${mountPoint} is on ${what} that a new VM may lack, and ${effect} without it`, evidence)];
    });
    if (findings.length === 0 && hidden.length > 0) return unknown(hidden.join('; '));
    return judge(findings, mounts.map(({ evidence }) => evidence).slice(0, 1), unread);
  },
});
