import { defineRule, finding, judge, mountPlan } from '../../src/rule-api.ts';

export default defineRule({
  id: 'storage/device-names',
  title: 'File systems are mounted by UUID, label or another lasting name',
  severity: 'error',
  rationale:
    'Azure may attach disks in another order, and NVMe sizes name them otherwise: the boot then waits for a device ' +
    'that does not come and ends in the emergency shell, or mounts the wrong disk.',
  remediation: 'Write the UUID of the file system instead of the device name into /etc/fstab.',
  fix: ['sed -i "s#^/dev/sda1\\b#UUID=$(blkid -s UUID -o value /dev/sda1)#" /etc/fstab'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/troubleshoot-device-names-problems',
    'https://github.com/systemd/systemd/blob/main/src/fstab-generator/fstab-generator.c',
  ],
  covers: ['fstab-persistent-identifiers'],
  lisa: ['storage.verify_os_partition_identifier'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { mountPlan },
  check({ mountPlan: { mounts, unread } }, { imageType }) {
    const findings = mounts
      // Swap on the OS disk is wrong by any name, which swap/os-disk says.
      .filter(({ deviceKind, isSwap }) => deviceKind === 'kernel-name' && !isSwap)
      // storage/fstab-residue reports these in a generalized image.
      .filter(({ mountPoint }) => imageType === 'specialized' || mountPoint !== '/mnt/resource')
      .map(({ device, mountPoint, stopsBoot, mayFail, evidence }) => {
        const effect = stopsBoot ? '; the boot does not go on without it' : '';
        const message = `${mountPoint} is mounted by the name ${device}, which depends on the order of the disks${effect}`;
        const isHarmless = mayFail || !stopsBoot;
        return finding(message, evidence, isHarmless ? { severity: 'warning' } : {});
      });
    return judge(findings, mounts.map(({ evidence }) => evidence).slice(0, 1), unread);
  },
});
