import { type Stats, statSync } from 'node:fs';
import type { Disk } from '../disk/disk.ts';
import { type FileTree, ReadFailure } from '../files/file-tree.ts';
import type { ComposeOptions } from '../image/compose.ts';
import { attempt, isCouldNotRead } from '../image/could-not-read.ts';
import { type FileUsage, type Image, type Need, TargetError } from '../image/image.ts';
import { notALinuxRoot } from '../image/linux-root.ts';
import { missingVolumes } from '../image/missing-volumes.ts';
import { TreeRootFs, type TreeRootFsOptions } from '../image/tree-root-fs.ts';
import { DirectoryTree } from './directory.ts';
import { systemErrorCode } from './system-error.ts';

/** How to read a disk; other targets have nothing to choose. */
export interface OpenOptions extends ComposeOptions {
  readonly caps?: TreeRootFsOptions;
}

/** A target whose kind is known, and that need not hold a Linux root. */
export interface OpenedTarget {
  readonly target: string;
  readonly kind: Image['kind'];
  /** Files of a directory or a tar. */
  readonly tree?: FileTree<unknown>;
  /** Of a directory: whether the host has mounted something on a path inside it. */
  readonly isMountPoint?: (path: string) => boolean;
  /** Sentences about members of a tar that an extraction would refuse. */
  readonly problems?: readonly string[];
  readonly disk?: Disk;
  readonly fileUsage?: () => FileUsage;
  readonly close: () => void;
}

/** A directory and a tar show all files, but nothing of the disk below them. */
const filesOnly: ReadonlySet<Need> = new Set<Need>(['rootfs', 'initramfs', 'esp', 'options']);
const everything: ReadonlySet<Need> = new Set<Need>([
  'rootfs',
  'initramfs',
  'disk',
  'partition-table',
  'esp',
  'filesystem-metadata',
  'options',
]);

/**
 * Opens what the user named: the root directory of an image, a tar archive of one, or a disk. Whoever opens it closes
 * it.
 *
 * @throws {TargetError} when it does not exist, cannot be read, is of an unsupported kind or holds no Linux root.
 */
export async function openTarget(target: string, options: OpenOptions = {}): Promise<Image> {
  const opened = await openAny(target);
  try {
    return await imageOf(opened, options);
  } catch (error) {
    opened.close();
    throw error;
  }
}

/**
 * Opens a target of any kind without looking for a root in it.
 *
 * @throws {TargetError} when it does not exist, cannot be read or is of an unsupported kind
 */
export async function openAny(target: string): Promise<OpenedTarget> {
  const status = statusOf(target);
  try {
    if (status.isDirectory()) return openDirectory(target);
    if (status.isFile()) return (await openArchive(target)) ?? (await openDisk(target));
    if (status.isBlockDevice()) return await openDisk(target);
  } catch (error) {
    throw targetError(target, error);
  }
  throw new TargetError(`${target}: is neither a directory nor a file nor a block device`);
}

/** @throws {TargetError} when the target holds no Linux root */
export async function imageOf(opened: OpenedTarget, options: OpenOptions = {}): Promise<Image> {
  const { target, kind, close, fileUsage, disk, tree } = opened;
  const common = { target, kind, close, ...(fileUsage && { fileUsage }) };
  try {
    if (disk) return { ...common, ...(await diskView(disk, options)), offers: everything };
    if (!tree) throw new TargetError('holds no files');
    const bare = new TreeRootFs(tree);
    const complaint = attempt(() => notALinuxRoot(bare));
    if (complaint !== undefined) throw new TargetError(isCouldNotRead(complaint) ? complaint.message : complaint);
    const notices = refusedMembers(opened.problems ?? []);
    const rootFs = new TreeRootFs(tree, missingVolumes(bare, opened.isMountPoint), options.caps);
    return { ...common, rootFs, offers: filesOnly, ...(notices.length > 0 && { notices }) };
  } catch (error) {
    throw targetError(target, error);
  }
}

/** Names of members that are told. */
const told = 3;

function refusedMembers(problems: readonly string[]): readonly string[] {
  if (problems.length === 0) return [];
  const more = problems.length > told ? [`${problems.length - told} more`] : [];
  return [
    `members of the archive are left out, as an extraction leaves them: ${[...problems.slice(0, told), ...more].join('; ')}`,
  ];
}

async function diskView(disk: Disk, options: OpenOptions): Promise<Pick<Image, 'rootFs' | 'disk' | 'notices'>> {
  const { composeRoot } = await import('../image/compose.ts');
  const { tree, plan, missingVolumes: missing, dirtyVolumes } = composeRoot(disk, options);
  const [chosen, ...others] = plan.candidates;
  const notices = [
    ...(options.rootVolume === undefined && others.length > 0
      ? [`${chosen} is taken for the root; ${others.join(', ')} may be it too (--root-partition chooses)`]
      : []),
    ...(options.allowDirty
      ? dirtyVolumes.map(
          (id) => `${id} was not unmounted cleanly and is read as it is (--allow-dirty): files may be old or missing`,
        )
      : []),
  ];
  return {
    rootFs: new TreeRootFs(tree, missing, options.caps),
    disk: { ...disk, plan },
    ...(notices.length > 0 && { notices }),
  };
}

function openDirectory(target: string): OpenedTarget {
  const tree = new DirectoryTree(target);
  return { target, kind: 'directory', tree, isMountPoint: (path) => tree.isMountPoint(path), close: () => {} };
}

async function openArchive(target: string): Promise<OpenedTarget | undefined> {
  const { openTar } = await import('./open-tar.ts');
  const tar = await openTar(target);
  return (
    tar && {
      target,
      kind: 'tar',
      tree: tar.tree,
      problems: tar.tree.problems,
      fileUsage: () => tar.usage,
      close: tar.close,
    }
  );
}

async function openDisk(target: string): Promise<OpenedTarget> {
  const { openDiskFile } = await import('./open-disk.ts');
  const { disk, usage, close } = openDiskFile(target);
  return { target, kind: 'disk', disk, fileUsage: usage, close };
}

function statusOf(target: string): Stats {
  try {
    return statSync(target);
  } catch (error) {
    throw targetError(target, error);
  }
}

/** Everything that a target can be refused for, as one sentence that begins with its name; defects stay what they are. */
function targetError(target: string, error: unknown): unknown {
  if (error instanceof TargetError) {
    return error.message.startsWith(`${target}: `) ? error : new TargetError(`${target}: ${error.message}`);
  }
  if (error instanceof ReadFailure) {
    return new TargetError(`${target}: ${error.message}${error.advice === undefined ? '' : `; ${error.advice}`}`);
  }
  if (!isSystemError(error)) return error;
  const code = systemErrorCode(error);
  if (code === 'ENOENT') return new TargetError(`${target}: no such file or directory`);
  if (code === 'EACCES') return new TargetError(`${target}: permission denied`);
  return new TargetError(`${target}: cannot be looked at (${code})`);
}

function isSystemError(error: unknown): boolean {
  // Not `instanceof Error`: errors of the system may come from another realm than this module.
  return typeof error === 'object' && error !== null && 'syscall' in error;
}
