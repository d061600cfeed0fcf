import { DiskError } from '../disk/disk-error.ts';
import type { FileSystem, FileSystemState, FileSystemType } from '../disk/file-system.ts';
import type { VolumeContent } from '../disk/volume.ts';
import { memoryTree, type Tree } from './tree.ts';

/** What a volume of a case holds. */
export interface CaseContent {
  /** A file system, `swap`, `lvm`, nothing that is known, or something that is not read, by blkid's name for it. */
  readonly holds?: FileSystemType | 'swap' | 'lvm' | 'nothing' | 'crypto_LUKS' | 'squashfs' | 'linux_raid_member';
  readonly uuid?: string;
  readonly label?: string;
  /** Volume group of `lvm`. */
  readonly group?: string;
  /** Its file system is damaged in this way. */
  readonly unreadable?: string;
  readonly state?: FileSystemState;
  readonly complaints?: readonly string[];
  /** Files of the file system by itself; what is mounted shows the case's own files. */
  readonly files?: Tree;
  /** Of a btrfs: files by the path of the subvolume, empty for the top. The first one is the default. */
  readonly subvolumes?: Readonly<Record<string, Tree>>;
}

export function contentFrom(given: CaseContent, size: number): VolumeContent {
  const { holds = 'nothing', uuid, label, group, unreadable, state, complaints = [], files = {}, subvolumes } = given;
  if (unreadable !== undefined)
    return { kind: 'unreadable', type: holds, problem: new DiskError('corrupt', `${holds} superblock`, unreadable) };
  switch (holds) {
    case 'nothing':
      return { kind: 'unrecognised' };
    case 'swap':
      return { kind: 'swap', uuid, label };
    case 'lvm':
      return { kind: 'physical-volume', group };
    case 'crypto_LUKS':
    case 'squashfs':
    case 'linux_raid_member':
      return { kind: 'foreign', type: holds, ...(uuid && { uuid }), ...(label && { label }) };
    default:
      return {
        kind: 'file-system',
        fileSystem: {
          type: holds,
          uuid,
          label,
          size,
          blockSize: 4096,
          features: [],
          state: state ?? { kind: 'clean' },
          complaints,
          tree: memoryTree((subvolumes && Object.values(subvolumes)[0]) ?? files),
          ...(subvolumes && { subvolumes: subvolumesFrom(subvolumes) }),
        },
      };
  }
}

/** The top has the number 5, the others count from 256. */
function subvolumesFrom(given: Readonly<Record<string, Tree>>): NonNullable<FileSystem['subvolumes']> {
  const known = Object.entries(given).map(([path, files], index) => ({
    id: path === '' ? 5 : 256 + index,
    path,
    tree: memoryTree(files),
  }));
  return {
    defaultId: known[0]?.id ?? 5,
    list: () => known.map(({ id, path }) => ({ id, path })),
    tree: (wanted) => known.find(({ id }) => id === wanted)?.tree ?? memoryTree({}),
  };
}
