import { cloudInit, defineRule, finding, judge, temporaryDiskMounts } from '../../src/rule-api.ts';

export default defineRule({
  id: 'cloud-init/temporary-disk-mounts',
  title: 'A boot goes on without the temporary disk',
  severity: 'warning',
  rationale:
    'Many VM sizes have no temporary disk: there the boot waits for the device for 90 seconds, and ends in the emergency shell for a file system.',
  remediation: 'Put nofail into the options of the entry.',
  fix: ["sed -i -E '\\#azure_resource|/dev/disk/azure/resource#s/defaults/defaults,nofail/' /etc/fstab"],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/azure-vms-no-temp-disk',
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/config/cc_mounts.py',
  ],
  covers: ['ci-ephemeral-mount-nofail'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { cloudInit, temporaryDiskMounts },
  check({ cloudInit: { installed, config }, temporaryDiskMounts: mounts }, intent) {
    // Of a file system in fstab storage/optional-mounts and storage/fstab-residue tell.
    const own = mounts.filter(
      ({ writtenIn, mountPoint }) =>
        writtenIn === 'cloud-config' || (mountPoint === '' && intent.imageType === 'specialized'),
    );
    const findings = own
      .filter(({ mayFail }) => !mayFail)
      .map(({ device, mountPoint, writtenIn, evidence }) => {
        const what = mountPoint === '' ? `the swap area ${device}` : `${device} at ${mountPoint}`;
        const who = writtenIn === 'fstab' ? 'fstab names' : 'cloud-init writes to fstab';
        return finding(`${who} ${what} without nofail`, evidence, { subject: device });
      });
    return judge(
      findings,
      own.map(({ evidence }) => evidence),
      installed ? config.unread : [],
    );
  },
});
