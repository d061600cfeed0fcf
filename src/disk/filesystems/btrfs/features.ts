import { DiskError } from '../../disk-error.ts';
import type { Superblock } from './superblock.ts';

/** Bits of `incompat_flags`, named as in /sys/fs/btrfs/features; those that this program reads. */
const readable: Readonly<Record<number, string>> = {
  0: 'mixed_backref',
  1: 'default_subvol',
  2: 'mixed_groups',
  3: 'compress_lzo',
  4: 'compress_zstd',
  5: 'big_metadata',
  6: 'extended_iref',
  7: 'raid56',
  8: 'skinny_metadata',
  9: 'no_holes',
  10: 'metadata_uuid',
  11: 'raid1c34',
  16: 'simple_quota',
};

/** Those that place or address data in another way. */
const unreadable: Readonly<Record<number, string>> = {
  12: 'zoned',
  13: 'extent_tree_v2',
  14: 'raid_stripe_tree',
  17: 'remap_tree',
};

/** Bits of `compat_ro_flags`: no reader needs them. */
const readOnlyCompatible: Readonly<Record<number, string>> = {
  0: 'free_space_tree',
  1: 'free_space_tree_valid',
  2: 'verity',
  3: 'block_group_tree',
};

const superblockFlags = {
  error: 1n << 2n,
  seeding: 1n << 32n,
  metadump: (1n << 33n) | (1n << 34n),
  changing: (1n << 35n) | (1n << 36n) | (1n << 38n) | (1n << 39n) | (1n << 40n),
} as const;

/** @throws {DiskError} for a feature that would make a reading wrong */
export function refuseUnknownFeatures(incompatible: bigint, flags: bigint): void {
  const refused = bitsOf(incompatible).filter((bit) => readable[bit] === undefined);
  if (refused.length > 0) {
    const names = refused.map((bit) => unreadable[bit] ?? `bit ${bit}`).join(', ');
    throw new DiskError('unsupported', 'btrfs', `has the incompatible feature ${names}, which is not read`);
  }
  if ((flags & superblockFlags.metadump) !== 0n)
    throw new DiskError('unsupported', 'btrfs', 'is a dump of metadata (btrfs-image) without the contents of files');
}

export function featureNames({ incompatible, readOnlyCompatible: compatible }: Superblock): string[] {
  return [
    ...bitsOf(incompatible).map((bit) => readable[bit] ?? `incompat_bit_${bit}`),
    ...bitsOf(compatible).map((bit) => readOnlyCompatible[bit] ?? `compat_ro_bit_${bit}`),
  ];
}

/** What the superblock says about the health of the file system and about its chances to be mounted elsewhere. */
export function complaintsOf(superblock: Superblock, deviceSize: number): string[] {
  const { flags, deviceCount, device, mirror } = superblock;
  const complaints: string[] = [];
  if (mirror !== undefined)
    complaints.push(
      `the first superblock is damaged, so the kernel refuses to mount it; the copy at byte ${mirror} was read (btrfs rescue super-recover puts it back)`,
    );
  if (device.size > deviceSize)
    complaints.push(
      `it was made for a device of ${device.size} bytes and this one has ${deviceSize}, so the kernel refuses to mount it`,
    );
  if (deviceCount > 1)
    complaints.push(`it spans ${deviceCount} devices and this is one of them; a mount needs them all`);
  if ((flags & superblockFlags.error) !== 0n) complaints.push('its superblock records that an error was found');
  if ((flags & superblockFlags.seeding) !== 0n)
    complaints.push('it is a seed device, so it mounts read-only until another device is added');
  if ((flags & superblockFlags.changing) !== 0n)
    complaints.push('a conversion by btrfstune was interrupted, so the kernel may refuse to mount it');
  return complaints;
}

function bitsOf(mask: bigint): number[] {
  return Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => ((mask >> BigInt(bit)) & 1n) === 1n);
}
