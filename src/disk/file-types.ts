import type { FileType } from '../files/file-status.ts';

/** By the format bits of `st_mode` (S_IFMT of include/uapi/linux/stat.h). */
const byMode: Readonly<Record<number, FileType>> = {
  1: 'fifo',
  2: 'character-device',
  4: 'directory',
  6: 'block-device',
  8: 'file',
  10: 'symlink',
  12: 'socket',
};

/** Type of a file by its mode, as inodes store it; undefined when the format bits are none's. */
export function typeOfMode(mode: number): FileType | undefined {
  return byMode[mode >>> 12];
}

/** By the number that ext, XFS and btrfs keep in directories (FT_* of include/linux/fs_types.h); 0 is unknown. */
export const directoryEntryTypes: readonly (FileType | undefined)[] = [
  undefined,
  'file',
  'directory',
  'character-device',
  'block-device',
  'fifo',
  'socket',
  'symlink',
];
