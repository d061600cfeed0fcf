/** How an entry names what it mounts. */
export type DeviceKind =
  /** By something that stays with the disk: UUID, label, a link below /dev/disk, a volume. */
  | 'identifier'
  /** By the kernel's name for it, which depends on the order in which disks appear. */
  | 'kernel-name'
  /** An optical or floppy drive. */
  | 'removable'
  /** The temporary disk of an Azure VM. */
  | 'temporary-disk'
  | 'network'
  /** A folder that a hypervisor shares. */
  | 'shared-folder'
  /** A file or directory of another file system: a bind mount, a loop device, a swap file. */
  | 'file'
  /** Nothing on a disk: tmpfs, proc, zram. */
  | 'virtual';

const networkTypes = new Set([
  'nfs',
  'nfs4',
  'cifs',
  'smb3',
  'smbfs',
  'ceph',
  'glusterfs',
  'lustre',
  'ncp',
  'ncpfs',
  'afs',
]);
const sharedTypes = new Set(['9p', 'vboxsf', 'vmhgfs', 'fuse.vmhgfs-fuse', 'virtiofs', 'prl_fs']);
const kernelName =
  /^\/dev\/(?:(?:sd|hd|vd|xvd)[a-z]+\d*|nvme\d+(?:c\d+)?n\d+(?:p\d+)?|mmcblk\d+(?:p\d+)?|dm-\d+|md\d+(?:p\d+)?)$/;

export function deviceKind(device: string, type: string, options: readonly string[]): DeviceKind {
  if (/^\/dev\/disk\/(?:cloud\/azure_resource|azure\/resource)/.test(device)) return 'temporary-disk';
  if (sharedTypes.has(type)) return 'shared-folder';
  if (networkTypes.has(type) || type === 'fuse.sshfs' || /^\/\/|^[^/=]+:\//.test(device)) return 'network';
  if (/^(?:UUID|PARTUUID|LABEL|PARTLABEL|ID)=/i.test(device)) return 'identifier';
  if (/^\/dev\/(?:sr\d|scd\d|cdrom|dvd|fd\d|floppy)/.test(device)) return 'removable';
  if (/^\/dev\/(?:zram|ram)\d/.test(device)) return 'virtual';
  if (kernelName.test(device)) return 'kernel-name';
  if (/^\/dev\/loop\d/.test(device) || options.includes('bind') || options.includes('rbind')) return 'file';
  if (device.startsWith('/dev/')) return 'identifier';
  return device.startsWith('/') ? 'file' : 'virtual';
}

/** Names of one disk or volume group have the same: `/dev/mapper/rootvg-usrlv` and `/dev/rootvg/homelv` give `rootvg`. */
export function volumeGroup(device: string): string | undefined {
  const [, mapped] = /^\/dev\/mapper\/((?:[^-]|--)+)-(?!-)/.exec(device) ?? [];
  if (mapped !== undefined) return mapped.replaceAll('--', '-');
  const [, group] = /^\/dev\/(?!disk\/|mapper\/|md\/)([^/]+)\/[^/]+$/.exec(device) ?? [];
  return group;
}
