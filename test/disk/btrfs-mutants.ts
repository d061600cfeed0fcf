import type { BlockDevice } from '../../src/disk/block-device.ts';
import { crc32c } from '../../src/disk/checksums.ts';
import { DiskError } from '../../src/disk/disk-error.ts';
import { btrfs } from '../../src/disk/filesystems/btrfs/format.ts';
import type { FileTree } from '../../src/files/file-tree.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';

/** Stores the CRC-32C of a superblock or tree block in its first four bytes. */
export function sealBlock(block: Uint8Array): void {
  new DataView(block.buffer, block.byteOffset, 4).setUint32(0, crc32c(block.subarray(32)), true);
}

/** Depth from which on only entries are looked at. */
const BESIDE = 10;

/**
 * Reads all there is, with caps on what a cycle could make of it: contents by the default subvolume only, entries by all.
 */
export function readEverything(device: BlockDevice): { entries: number; errors: DiskError[] } {
  const errors: DiskError[] = [];
  let entries = 0;
  const guarded = <T>(step: () => T): T | undefined => {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      errors.push(error);
      return undefined;
    }
  };
  const visit = <Node>(tree: FileTree<Node>, node: Node, depth: number): void => {
    if (++entries > 3000) return;
    const status = guarded(() => tree.status(node));
    if (status?.type === 'symlink') guarded(() => tree.readLink(node));
    if (status?.type === 'file' && depth < BESIDE) {
      guarded(() => tree.read(node, 0, 20_000));
      guarded(() => tree.read(node, Math.max(0, status.size - 100), 200));
    }
    if (status?.type !== 'directory' || depth > 2 * BESIDE) return;
    const names: string[] = [];
    guarded(() => {
      for (const { name } of tree.list(node)) if (names.push(name) > 1000) break;
    });
    for (const name of names) {
      const child = guarded(() => tree.lookup(node, name));
      if (child !== undefined) visit(tree, child, depth + 1);
    }
  };
  guarded(() => {
    const fileSystem = btrfs.open(device, nodeCodecs);
    visit(fileSystem.tree, fileSystem.tree.root, 0);
    const listed = guarded(() => fileSystem.subvolumes?.list()) ?? [];
    for (const { id } of listed.slice(0, 8)) {
      const tree = guarded(() => fileSystem.subvolumes?.tree(id));
      if (tree) visit(tree, tree.root, BESIDE);
    }
  });
  return { entries, errors };
}
