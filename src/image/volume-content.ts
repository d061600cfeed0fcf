import type { Volume, VolumeContent } from '../disk/volume.ts';

const foreignNames: Readonly<Record<string, string>> = {
  crypto_LUKS: 'is LUKS-encrypted',
  BitLocker: 'is encrypted by BitLocker',
  linux_raid_member: 'is a member of a RAID array',
  DM_verity_hash: 'holds the hashes of dm-verity',
  zfs_member: 'is part of a ZFS pool',
};

/** What a volume holds, completing the sentence "p3 …". */
export function contentText({ content }: Volume): string {
  switch (content.kind) {
    case 'file-system':
      return `holds ${content.fileSystem.type}`;
    case 'swap':
      return 'is swap';
    case 'physical-volume':
      return content.group === undefined
        ? 'is an LVM physical volume'
        : `is a physical volume of the volume group ${content.group}`;
    case 'foreign':
      return foreignNames[content.type] ?? `holds ${content.type}, which is not read`;
    case 'unreadable':
      return `cannot be read: ${content.problem.message}`;
    case 'unrecognised':
      return 'holds nothing that is recognised';
  }
}

export function isEncrypted(content: VolumeContent): boolean {
  return content.kind === 'foreign' && ['crypto_LUKS', 'BitLocker'].includes(content.type);
}
