import { statSync } from 'node:fs';
import { type Image, type Need, TargetError } from '../image/image.ts';
import { notALinuxRoot } from '../image/linux-root.ts';
import { missingVolumes } from '../image/missing-volumes.ts';
import { TreeRootFs } from '../image/tree-root-fs.ts';
import { DirectoryTree } from './directory.ts';
import { systemErrorCode } from './system-error.ts';

/** A directory shows all files, but nothing of the disk below them. */
const directoryOffers: ReadonlySet<Need> = new Set<Need>(['rootfs', 'initramfs', 'esp', 'options']);

/**
 * Opens what the user named.
 *
 * @throws {TargetError} when it does not exist, cannot be read, is of an unsupported kind or holds no Linux root.
 */
export function openTarget(target: string): Image {
  const status = statusOf(target);
  if (!status.isDirectory())
    throw new TargetError(
      `${target}: is not a directory; this version scans the root directory of a mounted or extracted image`,
    );
  const tree = new DirectoryTree(target);
  const bare = new TreeRootFs(tree);
  const complaint = inspect(target, () => notALinuxRoot(bare));
  if (complaint) throw new TargetError(`${target}: ${complaint}`);
  return { target, kind: 'directory', rootFs: new TreeRootFs(tree, missingVolumes(bare)), offers: directoryOffers };
}

function statusOf(target: string) {
  try {
    return statSync(target);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT') throw new TargetError(`${target}: no such file or directory`);
    if (code === 'EACCES') throw new TargetError(`${target}: permission denied`);
    throw new TargetError(`${target}: cannot be looked at (${code})`);
  }
}

function inspect<T>(target: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw new TargetError(`${target}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
