/**
 * Every cap on what a hostile image can make the scanner do. Reaching one makes results unknown and names the cap.
 * Sizes are bytes.
 */
export const limits = {
  /** One whole-file read. The largest text that a rule reads on a healthy system is a package database of a few MiB. */
  bytesPerRead: 32 * 1024 * 1024,
  /** Everything read from one image. */
  bytesPerImage: 512 * 1024 * 1024,
  entriesPerDirectory: 100_000,
  /** Symbolic links in one path, the kernel's own limit (MAXSYMLINKS of fs/namei.c). */
  linksPerPath: 40,
  /** Bytes of one path (PATH_MAX). */
  pathLength: 4096,
  /** Directories below the start of a walk. */
  walkDepth: 128,
  entriesPerWalk: 1_000_000,
  /** What the compressed parts of one initramfs may expand to. A generic one with all firmware comes to about 300 MiB. */
  bytesPerInitramfs: 768 * 1024 * 1024,
  /** Files in one initramfs. */
  membersPerInitramfs: 100_000,
  /** Contents of an initramfs that are kept, its modprobe.d and modules.dep. */
  keptPerInitramfs: 16 * 1024 * 1024,
  /** Members of one tar archive, and files that they come to. */
  membersPerTar: 1_000_000,
  /** One pax or long-name header. */
  bytesPerTarHeader: 8 * 1024 * 1024,
  /** Pieces of one sparse file in a tar archive. */
  piecesPerTar: 500_000,
  /** What a compressed tar archive may expand to. */
  bytesPerUnpackedTar: 16 * 1024 * 1024 * 1024,
  /** Subvolumes of one btrfs that are looked at for a root; an update keeps a snapshot or two of each. */
  subvolumesForRoot: 500,
} as const;
