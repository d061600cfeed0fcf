import type { BlockDevice } from '../../src/disk/block-device.ts';
import { openContainer } from '../../src/disk/containers/open.ts';
import { btrfs } from '../../src/disk/filesystems/btrfs/format.ts';
import { ext } from '../../src/disk/filesystems/ext/format.ts';
import { fat } from '../../src/disk/filesystems/fat/format.ts';
import { xfs } from '../../src/disk/filesystems/xfs/format.ts';
import { openDisk } from '../../src/disk/open-disk.ts';
import type { FileTree } from '../../src/files/file-tree.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { isTarHeader } from '../../src/image/tar-header.ts';
import { TarTree } from '../../src/image/tar-tree.ts';
import { TreeRootFs } from '../../src/image/tree-root-fs.ts';
import { collectDisk } from '../../src/inspect/disk.ts';
import { memoryDisk } from '../disk/memory-disk.ts';

/** Bytes of an image. */
export interface Place {
  readonly offset: number;
  readonly size: number;
}

export interface PlacesRead {
  /** In the order in which they were first read. */
  readonly metadata: readonly Place[];
  /** Read for the contents of files only. */
  readonly content: readonly Place[];
}

/** Which bytes of a good image a scan looks at. */
export function placesRead(image: Uint8Array): PlacesRead {
  const seen = new Map<string, Place>();
  const disk = memoryDisk(image);
  const device: BlockDevice = {
    size: disk.size,
    read(offset, size) {
      if (size > 0) seen.set(`${offset} ${size}`, { offset, size });
      return disk.read(offset, size);
    },
  };
  const trees = treesOf(image, device);
  const files = trees.map((tree) => new TreeRootFs(tree)).flatMap((rootFs) => filesOf(rootFs));
  const metadata = [...seen.values()];
  for (const read of files) read();
  return { metadata, content: [...seen.values()].slice(metadata.length) };
}

/** Looks at everything but the contents of files, which the functions that it gives read. */
function filesOf(rootFs: TreeRootFs<unknown>): (() => void)[] {
  const files: (() => void)[] = [];
  for (const { path, status } of rootFs.walk('/')) {
    if (status.type === 'symlink') rootFs.readLink(path);
    if (status.type === 'file') files.push(() => rootFs.readBytes(path, 0, 1024 * 1024));
  }
  return files;
}

function treesOf(image: Uint8Array, device: BlockDevice): FileTree<unknown>[] {
  if (isTarHeader(image.subarray(0, 512))) return [new TarTree(device)];
  const { container, disk: inside } = openContainer(device, nodeCodecs);
  const disk = openDisk(container, inside, [ext, xfs, btrfs, fat], nodeCodecs);
  collectDisk(disk, undefined);
  const trees = disk.volumes.flatMap(({ content }): FileTree<unknown>[] => {
    if (content.kind !== 'file-system') return [];
    const { tree, subvolumes } = content.fileSystem;
    return [tree, ...(subvolumes?.list().map(({ id }) => subvolumes.tree(id)) ?? [])];
  });
  // Of a container that holds nothing, the blocks are all that there is to see.
  if (trees.length === 0)
    for (let at = 0; at < inside.size; at += STEP) inside.read(at, Math.min(STEP, inside.size - at));
  return trees;
}

/** Bytes; no block size of a container is less. */
const STEP = 4096;
