import { defineRule, finding, judge, mountPlan, type PlannedMount } from '../../src/rule-api.ts';

/** Where the file systems of an OS disk are mounted. */
const ofOsDisk = /^\/(?:|boot|boot\/efi|efi|usr|var|var\/.*|home|opt|srv|tmp|root|\.snapshots|usr\/.*)$/;

/** Devices and volume groups that are mounted where the OS disk is. */
function osDisk(mounts: readonly PlannedMount[]): ReadonlySet<string | undefined> {
  const own = mounts.filter(({ mountPoint }) => ofOsDisk.test(mountPoint));
  return new Set(
    own.flatMap(({ device, volumeGroup }) => (volumeGroup === undefined ? [device] : [device, volumeGroup])),
  );
}

export default defineRule({
  id: 'storage/optional-mounts',
  title: 'Mounts of anything but the OS disk may fail',
  severity: 'warning',
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
  facts: { mountPlan },
  check({ mountPlan: { mounts, unread } }, { imageType }) {
    const own = osDisk(mounts);
    const findings = mounts.flatMap((mount) => {
      const { deviceKind, mountPoint, device, volumeGroup, startsAtBoot, mayFail, stopsBoot, isSwap, evidence } = mount;
      if (isSwap || !startsAtBoot || mayFail || deviceKind === 'virtual' || deviceKind === 'file') return [];
      if (deviceKind === 'identifier' || deviceKind === 'kernel-name') {
        // A device name is what storage/device-names reports of the entry.
        if (ofOsDisk.test(mountPoint) || deviceKind === 'kernel-name' || own.has(device) || own.has(volumeGroup))
          return [];
        return [
          finding(`${mountPoint} looks like a data disk, and the boot does not go on without ${device}`, evidence),
        ];
      }
      // In a generalized image storage/fstab-residue reports what is left of the build machine.
      if (imageType === 'generalized') return [];
      const what = deviceKind === 'network' ? 'a share' : 'a device';
      const effect = stopsBoot ? 'the boot does not go on' : 'the boot waits in vain';
      return [finding(`${mountPoint} is on ${what} that a new VM may lack, and ${effect} without it`, evidence)];
    });
    return judge(findings, mounts.map(({ evidence }) => evidence).slice(0, 1), unread);
  },
});
