/** File systems for which mount(8) or the kernel has a name on some distribution; others need a helper mount.TYPE. */
const known = new Set(
  'adfs affs afs apfs autofs auto befs bfs binfmt_misc bpf btrfs ceph cgroup cgroup2 cifs coda configfs cramfs debugfs devpts devtmpfs ecryptfs efivarfs efs erofs exfat ext2 ext3 ext4 f2fs fat fuse fuseblk fusectl fuse3 gfs gfs2 glusterfs hfs hfsplus hpfs hugetlbfs ignore iso9660 jffs2 jfs lustre minix mqueue msdos nfs nfs4 nfsd nilfs2 none ntfs ntfs-3g ntfs3 ocfs2 overlay overlayfs proc pstore qnx4 ramfs reiserfs resctrl rpc_pipefs securityfs selinuxfs smb3 smbfs squashfs swap sysfs sysv tmpfs tracefs ubifs udf ufs usbfs vboxsf vfat virtiofs vmhgfs xfs zfs 9p aufs bcachefs fuse.s3fs beegfs prl_fs davfs'.split(
    ' ',
  ),
);

/** Whether a name is one that something mounts; a list of alternatives is known when each is. */
export function isKnownFileSystem(type: string): boolean {
  return type
    .split(',')
    .every((name) => known.has(name.replace(/^no/, '')) || known.has(name) || /^fuse3?\./.test(name));
}
