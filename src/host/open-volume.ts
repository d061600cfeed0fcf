import { TargetError } from '../image/image.ts';
import type { RootFs } from '../image/root-fs.ts';
import { TreeRootFs } from '../image/tree-root-fs.ts';
import { type OpenOptions, openAny } from './open.ts';

/** Files of one volume, which need not be a Linux root. */
export interface OpenedVolume {
  readonly rootFs: RootFs;
  /** Lets go of the file. */
  readonly close: () => void;
}

/**
 * Opens one volume of a disk by its id, the number of its partition, or either with `:` and a subvolume behind it.
 *
 * @throws {TargetError} when the target is no disk, or has no such volume, or holds no readable file system there
 */
export async function openVolume(target: string, name: string, options: OpenOptions = {}): Promise<OpenedVolume> {
  const { disk, kind, close } = await openAny(target);
  try {
    if (!disk) throw new TargetError(`${target}: is a ${kind} and has no volumes`);
    const { namedVolumeOf } = await import('../image/compose-roots.ts');
    const { mountable } = await import('../image/mountable.ts');
    const { refusedDirty } = await import('../image/compose.ts');
    const { volume, subvolume } = namedVolumeOf(disk, name);
    const source = mountable(volume, subvolume === undefined ? {} : { path: subvolume });
    if (typeof source === 'string') throw new TargetError(`${volume.id} ${source}`);
    const tree = options.allowDirty ? source.tree : refusedDirty(source);
    return { rootFs: new TreeRootFs(tree, new Map(), options.caps), close };
  } catch (error) {
    close();
    if (error instanceof TargetError && !error.message.startsWith(`${target}: `))
      throw new TargetError(`${target}: ${error.message}`);
    throw error;
  }
}
