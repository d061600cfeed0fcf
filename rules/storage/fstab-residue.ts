import { defineRule, type FileSystemTableEntry, fileSystemTable, finding, judge } from '../../src/rule-api.ts';

const networkTypes = ['cifs', 'smb3', 'nfs', 'nfs4'];
const hypervisorTypes = ['9p', 'vboxsf', 'vmhgfs', 'fuse.vmhgfs-fuse', 'virtiofs', 'prl_fs'];

/** What the entry is left from; undefined for one that belongs to the system. */
function residueOf({ device, type, mountPoint, options }: FileSystemTableEntry): string | undefined {
  if (options.includes('comment=cloudconfig')) return 'what cloud-init mounted on the build machine';
  if (device.startsWith('/dev/disk/cloud/azure_resource') || mountPoint === '/mnt/resource')
    return 'the temporary disk of the build machine';
  // Debian's installer writes this line on every machine, for a drive that is mounted by hand.
  const isManual = options.includes('noauto');
  if (/^\/dev\/(?:sr\d|scd\d|cdrom|dvd)/.test(device) || type === 'iso9660' || type === 'udf')
    return isManual ? undefined : 'an optical disc of the build machine';
  if (/^\/dev\/fd\d/.test(device)) return isManual ? undefined : 'a floppy disk of the build machine';
  if (hypervisorTypes.includes(type)) return 'a folder that the hypervisor of the build machine shared';
  return networkTypes.includes(type) ? 'a network share of the build environment' : undefined;
}

export default defineRule({
  id: 'storage/fstab-residue',
  title: 'fstab names no devices of the build machine',
  severity: 'warning',
  rationale:
    'The first boot waits 90 seconds for a device that is not there and then drops to the emergency shell, or mounts the wrong disk.',
  remediation: 'Delete the lines for installation media, shared folders and the temporary disk from /etc/fstab.',
  fix: ["sed -i -E '\\#^/dev/(sr0|cdrom|fd0)|comment=cloudconfig|azure_resource#d' /etc/fstab"],
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-custom-image-provisioning-errors',
    'https://learn.microsoft.com/azure/virtual-machines/azure-vms-no-temp-disk',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/config/cc_mounts.py',
  ],
  covers: ['fstab-no-build-residue'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { fileSystemTable },
  check({ fileSystemTable }) {
    const findings = fileSystemTable.entries.flatMap((entry) => {
      const residue = residueOf(entry);
      if (residue === undefined) return [];
      const isHarmless = !entry.isMandatory || entry.options.includes('comment=cloudconfig');
      return finding(`${entry.mountPoint} is ${residue}`, entry.evidence, isHarmless ? { severity: 'info' } : {});
    });
    return judge(findings, fileSystemTable.entries.map(({ evidence }) => evidence).slice(0, 1));
  },
});
