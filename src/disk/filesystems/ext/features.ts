import { DiskError } from '../../disk-error.ts';

/** The three feature words of the superblock. */
export interface Features {
  readonly compat: number;
  readonly incompat: number;
  readonly roCompat: number;
}

interface Feature {
  readonly word: keyof Features;
  readonly bit: number;
  /** As dumpe2fs prints it. */
  readonly name: string;
}

const feature =
  (word: keyof Features) =>
  (bit: number, name: string): Feature => ({ word, bit, name });
const ofCompat = feature('compat');
const ofIncompat = feature('incompat');
const ofRoCompat = feature('roCompat');

export const compat = {
  directoryPrealloc: ofCompat(0x1, 'dir_prealloc'),
  hasJournal: ofCompat(0x4, 'has_journal'),
  imagicInodes: ofCompat(0x2, 'imagic_inodes'),
  extendedAttributes: ofCompat(0x8, 'ext_attr'),
  resizeInode: ofCompat(0x10, 'resize_inode'),
  directoryIndex: ofCompat(0x20, 'dir_index'),
  lazyGroups: ofCompat(0x40, 'lazy_bg'),
  sparseSuper2: ofCompat(0x200, 'sparse_super2'),
  fastCommit: ofCompat(0x400, 'fast_commit'),
  stableInodes: ofCompat(0x800, 'stable_inodes'),
  orphanFile: ofCompat(0x1000, 'orphan_file'),
} as const;

export const incompat = {
  compression: ofIncompat(0x1, 'compression'),
  fileType: ofIncompat(0x2, 'filetype'),
  needsRecovery: ofIncompat(0x4, 'needs_recovery'),
  journalDevice: ofIncompat(0x8, 'journal_dev'),
  metaGroups: ofIncompat(0x10, 'meta_bg'),
  extents: ofIncompat(0x40, 'extent'),
  is64Bit: ofIncompat(0x80, '64bit'),
  multiMountProtection: ofIncompat(0x100, 'mmp'),
  flexGroups: ofIncompat(0x200, 'flex_bg'),
  attributeInodes: ofIncompat(0x400, 'ea_inode'),
  checksumSeed: ofIncompat(0x2000, 'metadata_csum_seed'),
  largeDirectory: ofIncompat(0x4000, 'large_dir'),
  inlineData: ofIncompat(0x8000, 'inline_data'),
  encryption: ofIncompat(0x10000, 'encrypt'),
  caseFolding: ofIncompat(0x20000, 'casefold'),
} as const;

export const roCompat = {
  sparseSuper: ofRoCompat(0x1, 'sparse_super'),
  largeFile: ofRoCompat(0x2, 'large_file'),
  directoryTree: ofRoCompat(0x4, 'btree_dir'),
  hugeFile: ofRoCompat(0x8, 'huge_file'),
  groupChecksum: ofRoCompat(0x10, 'uninit_bg'),
  manySubdirectories: ofRoCompat(0x20, 'dir_nlink'),
  extraInodeSize: ofRoCompat(0x40, 'extra_isize'),
  quota: ofRoCompat(0x100, 'quota'),
  bigAllocation: ofRoCompat(0x200, 'bigalloc'),
  metadataChecksum: ofRoCompat(0x400, 'metadata_csum'),
  readOnly: ofRoCompat(0x1000, 'read-only'),
  project: ofRoCompat(0x2000, 'project'),
  sharedBlocks: ofRoCompat(0x4000, 'shared_blocks'),
  verity: ofRoCompat(0x8000, 'verity'),
  orphanPresent: ofRoCompat(0x10000, 'orphan_present'),
} as const;

const known = [compat, incompat, roCompat].flatMap((word): Feature[] => Object.values(word));
const unreadable: readonly Feature[] = [incompat.compression, incompat.journalDevice];

export function has(features: Features, { word, bit }: Feature): boolean {
  return (features[word] & bit) !== 0;
}

/** Names of all features that are set, as dumpe2fs prints them. */
export function featureNames(features: Features): string[] {
  return known.filter((one) => has(features, one)).map(({ name }) => name);
}

/** @throws {DiskError} for a feature under which a reading would be wrong */
export function refuseUnknown(features: Features): void {
  const bad = unreadable.find((one) => has(features, one));
  if (bad)
    throw new DiskError(
      'unsupported',
      'ext file system',
      `has the feature ${bad.name}, which this program does not read`,
    );
  const readable = Object.values(incompat).reduce((bits, { bit }) => bits | bit, 0);
  const unknown = features.incompat & ~readable;
  if (unknown !== 0)
    throw new DiskError(
      'unsupported',
      'ext file system',
      `has features that this program does not know (0x${(unknown >>> 0).toString(16)})`,
    );
}

/** ext2, ext3 or ext4 as blkid decides (libblkid/src/superblocks/ext.c). */
export function typeOf(features: Features): 'ext2' | 'ext3' | 'ext4' {
  const ofExt3 = incompat.fileType.bit | incompat.needsRecovery.bit | incompat.metaGroups.bit;
  const ofExt2And3 = roCompat.sparseSuper.bit | roCompat.largeFile.bit | roCompat.directoryTree.bit;
  if ((features.roCompat & ~ofExt2And3) !== 0 || (features.incompat & ~ofExt3) !== 0) return 'ext4';
  return has(features, compat.hasJournal) ? 'ext3' : 'ext2';
}
