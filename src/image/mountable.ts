import { attemptDisk, DiskError } from '../disk/disk-error.ts';
import type { FileSystem } from '../disk/file-system.ts';
import type { Volume } from '../disk/volume.ts';
import type { FileTree } from '../files/file-tree.ts';
import { contentText } from './volume-content.ts';

/** One file system of the disk, or one subvolume of it, ready to be mounted. */
export interface MountableTree {
  readonly volume: Volume;
  readonly fileSystem: FileSystem;
  /** Path of the btrfs subvolume; undefined for a file system without any, and for the top of one. */
  readonly subvolume: string | undefined;
  readonly tree: FileTree<unknown>;
}

/** Which subvolume of a btrfs is meant; neither: the default one. */
export interface SubvolumeChoice {
  /** From the top of the file system, with or without a slash in front. */
  readonly path?: string;
  readonly id?: number;
}

/** The tree of a volume, or what stands against it, completing the sentence "p3 …": `is LUKS-encrypted`. */
export function mountable(volume: Volume, choice: SubvolumeChoice = {}): MountableTree | string {
  const { content } = volume;
  if (content.kind !== 'file-system') return contentText(volume);
  const { fileSystem } = content;
  const isChosen = choice.path !== undefined || choice.id !== undefined;
  if (!fileSystem.subvolumes) {
    if (isChosen) return `holds ${fileSystem.type}, which has no subvolumes`;
    return { volume, fileSystem, subvolume: undefined, tree: fileSystem.tree };
  }
  const opened = attemptDisk(() => subvolumeOf(volume, fileSystem, fileSystem.subvolumes, choice));
  if (!(opened instanceof DiskError)) return opened;
  // The default one can be had without the list of all.
  return isChosen
    ? `cannot be read: ${opened.message}`
    : { volume, fileSystem, subvolume: undefined, tree: fileSystem.tree };
}

function subvolumeOf(
  volume: Volume,
  fileSystem: FileSystem,
  subvolumes: FileSystem['subvolumes'],
  choice: SubvolumeChoice,
): MountableTree | string {
  const defaultId = subvolumes?.defaultId;
  const path = choice.path?.replace(/^\/+|\/+$/g, '');
  // The kernel goes by the number where both are given.
  const wanted = choice.id ?? (path === undefined ? defaultId : undefined);
  const entry = subvolumes?.list().find((known) => (wanted === undefined ? known.path === path : known.id === wanted));
  if (!entry && wanted !== defaultId) return `has no subvolume ${JSON.stringify(path ?? choice.id)}`;
  const isDefault = entry === undefined || entry.id === defaultId;
  const tree = isDefault ? fileSystem.tree : subvolumes?.tree(entry.id);
  if (!tree) return `has no subvolume ${JSON.stringify(path ?? choice.id)}`;
  return { volume, fileSystem, subvolume: entry?.path || undefined, tree };
}
