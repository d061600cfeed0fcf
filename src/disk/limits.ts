/**
 * Every cap on what the structures of a hostile disk can make the reader do. Reaching one is a `DiskError` of kind
 * `limit` that names the cap. Sizes are bytes.
 */
export const diskLimits = {
  /** Pages of the file that are kept. */
  cacheBytes: 32 * 1024 * 1024,
  /** L1 table of a qcow2; 32 MiB address 2 PiB in 64 KiB clusters (qemu's own QCOW_MAX_L1_SIZE). */
  qcow2L1Bytes: 32 * 1024 * 1024,
  /** Entries in the block allocation table of a dynamic VHD or a VHDX; 16 M blocks of 2 MiB are 32 TiB. */
  allocationTableEntries: 16 * 1024 * 1024,
  /** Entries in the region or metadata table of a VHDX, by its specification. */
  vhdxTableEntries: 2047,
  /** Bytes of a VHDX log that are replayed. */
  vhdxLogBytes: 64 * 1024 * 1024,
  /** Ranges that a VHDX log zeroes. */
  vhdxLogZeroRanges: 10_000,
  gptEntries: 1024,
  /** Links in the chain of extended boot records. */
  extendedPartitions: 128,
  /** Text of one copy of LVM metadata. */
  lvmMetadataBytes: 16 * 1024 * 1024,
  lvmNesting: 16,
  lvmSegments: 100_000,
  /** Levels of an extent or directory B+tree; a level must fall by one with each step besides. */
  treeDepth: 8,
  /** Extents of one file. */
  extentsPerFile: 1_000_000,
  /** Entries of one directory, as far as the file system reads it. */
  entriesPerDirectory: 5_000_000,
  /** Bytes of one directory. */
  directoryBytes: 512 * 1024 * 1024,
  /** Bytes of the target of a symbolic link: PATH_MAX. */
  linkTargetBytes: 4096,
  /** Blocks of an ext journal that are held for the replay. */
  journalBlocks: 1_000_000,
  /** Bytes of one directory of a FAT: 65,536 entries, the kernel's FAT_MAX_DIR_SIZE. */
  fatDirectoryBytes: 2 * 1024 * 1024,
  /** Bytes of a file allocation table that are kept. */
  fatTableBytes: 1024 * 1024,
  /** Bytes of an XFS log between its tail and its head that are replayed. */
  xfsLogBytes: 128 * 1024 * 1024,
  subvolumes: 100_000,
  /** Tree blocks that a btrfs keeps. */
  btrfsBlockBytes: 16 * 1024 * 1024,
  /** Expanded clusters of a qcow2 that are kept. */
  qcow2ClusterBytes: 16 * 1024 * 1024,
  /** Inodes, directories and tree nodes that a file system keeps decoded, each. */
  cachedObjects: 50_000,
} as const;
