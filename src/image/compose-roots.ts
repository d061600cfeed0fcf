import type { Disk } from '../disk/disk.ts';
import { attemptDisk, DiskError } from '../disk/disk-error.ts';
import type { Volume } from '../disk/volume.ts';
import type { FileTree } from '../files/file-tree.ts';
import { attempt, isCouldNotRead } from './could-not-read.ts';
import { TargetError } from './image.ts';
import { limits } from './limits.ts';
import { notALinuxRoot } from './linux-root.ts';
import { type MountableTree, mountable } from './mountable.ts';
import { emptyRoot } from './partition-roles.ts';
import { TreeRootFs } from './tree-root-fs.ts';
import { contentText } from './volume-content.ts';

/** Something that may be the root. */
export interface RootCandidate extends MountableTree {
  /** The volume's, followed by `:` and the subvolume when that is not the default one. */
  readonly id: string;
}

/**
 * All roots of the disk by what they hold, in the order of its volumes. A snapshot of a default subvolume that is a root
 * is none of its own.
 */
export function rootCandidates(disk: Disk): readonly RootCandidate[] {
  const byContent = disk.volumes.flatMap(rootsOn);
  return byContent.length > 0 ? byContent : emptyRoot(disk).map((tree) => ({ ...tree, id: tree.volume.id }));
}

/**
 * What the user asked for: one root, or all subvolumes of the volume that may be it.
 *
 * @param name Id of a volume, the number of a partition, either with `:` and the path of a subvolume behind it.
 * @throws {TargetError} when it is not there or is none
 */
export function namedRoots(disk: Disk, name: string, candidates: readonly RootCandidate[]): readonly RootCandidate[] {
  const { volume, subvolume } = namedVolumeOf(disk, name);
  const known = candidates.filter(
    (candidate) => candidate.volume === volume && (subvolume === undefined || candidate.subvolume === subvolume),
  );
  if (known.length > 0) return known;
  const tree = mountable(volume, subvolume === undefined ? {} : { path: subvolume });
  if (typeof tree === 'string') throw new TargetError(`${volume.id} ${tree}`);
  const complaint = complaintOf(tree.tree);
  if (complaint !== undefined) throw new TargetError(`${name} is not the root of a Linux system: ${complaint}`);
  return [{ ...tree, id: subvolume === undefined ? volume.id : `${volume.id}:${subvolume}` }];
}

/** @throws {TargetError} that lists the volumes, when the disk has no such one */
export function namedVolumeOf(
  disk: Disk,
  name: string,
): { readonly volume: Volume; readonly subvolume: string | undefined } {
  const [, id = '', path] = /^([^:]*)(?::\/*(.*))?$/s.exec(name) ?? [];
  const wanted = /^\d+$/.test(id) ? `p${Number(id)}` : id;
  const volume = disk.volumes.find((candidate) => candidate.id === wanted);
  if (volume) return { volume, subvolume: path };
  const ids = disk.volumes.map((candidate) => candidate.id).join(', ');
  throw new TargetError(`has no volume "${id}"; its volumes are ${ids || 'none'}`);
}

function rootsOn(volume: Volume): readonly RootCandidate[] {
  if (volume.content.kind !== 'file-system' || volume.content.fileSystem.type === 'vfat') return [];
  const main = mountable(volume);
  if (typeof main === 'string') return [];
  if (complaintOf(main.tree) === undefined) return [{ ...main, id: volume.id }];
  const list = attemptDisk(() => main.fileSystem.subvolumes?.list() ?? []);
  if (list instanceof DiskError) return [];
  return list
    .filter(({ id }) => id !== main.fileSystem.subvolumes?.defaultId)
    .slice(0, limits.subvolumesForRoot)
    .flatMap(({ path }) => {
      const tree = mountable(volume, { path });
      if (typeof tree === 'string' || complaintOf(tree.tree) !== undefined) return [];
      return [{ ...tree, id: `${volume.id}:${path}` }];
    });
}

export function isRoot({ tree }: MountableTree): boolean {
  return complaintOf(tree) === undefined;
}

/** Why a tree is no root; undefined when it is. A root whose /usr is another volume is told by its fstab. */
function complaintOf(tree: FileTree<unknown>): string | undefined {
  const rootFs = new TreeRootFs(tree);
  const complaint = attempt(() => notALinuxRoot(rootFs));
  if (isCouldNotRead(complaint)) return complaint.message;
  if (complaint === undefined) return undefined;
  const fstab = attempt(() => rootFs.lstat('/etc/fstab'));
  return isCouldNotRead(fstab) || fstab === undefined ? complaint : undefined;
}

/** Says what the disk holds in the place of a root. */
export function noRoot(disk: Disk): TargetError {
  if (disk.volumes.length === 0) return new TargetError('holds no Linux root: the disk has no volumes');
  const volumes = disk.volumes.map((volume) => {
    const tree = mountable(volume);
    if (typeof tree === 'string') return `${volume.id} ${tree}`;
    const names = attempt(() => new TreeRootFs(tree.tree).readDir('/')?.map(({ name }) => name) ?? []);
    const kind = `${volume.id} ${contentText(volume)}`;
    if (isCouldNotRead(names)) return `${kind}, whose top cannot be read: ${names.reason}`;
    if (names.includes('ostree')) return `${kind} with an ostree repository, whose deployments are not read`;
    return `${names.length === 0 ? `${kind} without files` : `${kind}, but no Linux root`}${beyondLimit(tree)}`;
  });
  return new TargetError(`holds no Linux root: ${volumes.join('; ')}`);
}

/** Where not all subvolumes were looked at, one of the others may hold the root. */
function beyondLimit({ fileSystem }: MountableTree): string {
  const list = attemptDisk(() => fileSystem.subvolumes?.list() ?? []);
  const { subvolumesForRoot: most } = limits;
  if (list instanceof DiskError || list.length <= most + 1) return '';
  return ` in the first ${most} of its ${list.length} subvolumes (limit subvolumesForRoot; --root-partition names another)`;
}
