import { toSafeNumber, viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import { diskLimits } from '../../limits.ts';
import type { BlockReader } from './block-reader.ts';
import { findNamed, nameHash, sameBytes } from './directory.ts';
import { keyType, LARGEST_OFFSET, objectId } from './key.ts';
import type { Superblock } from './superblock.ts';
import { openTree, type Tree } from './tree.ts';

/** A tree of files with an id of its own. */
export interface SubvolumeTree {
  readonly id: bigint;
  readonly tree: Tree;
  readonly rootDirectory: bigint;
}

/** The trees that the root tree knows. */
export interface Subvolumes {
  readonly rootTree: Tree;
  readonly defaultId: bigint;
  /** Undefined when there is none of that id, or it is being deleted. */
  open(id: bigint): SubvolumeTree | undefined;
  /** Whether the directory entry is where that subvolume hangs; a snapshot's copy of the entry is not. */
  isEntryOf(child: bigint, parent: bigint, directory: bigint, name: Uint8Array): boolean;
}

/** `struct btrfs_root_item` up to the level; kernels before 3.6 wrote no more. */
const ROOT_ITEM_SIZE = 239;
const ROOT_REF_HEADER = 18;
const encoder = new TextEncoder();

export function openSubvolumes(blocks: BlockReader, superblock: Superblock): Subvolumes {
  const rootTree = openTree(blocks, superblock.rootTree);
  const opened = new Map<bigint, SubvolumeTree | undefined>();
  return {
    rootTree,
    defaultId: readDefaultId(rootTree, superblock.rootDirectory),
    open: (id) => {
      const known = opened.get(id);
      if (known) return known;
      if (opened.size >= diskLimits.cachedObjects) opened.clear();
      const subvolume = openSubvolume(blocks, rootTree, id);
      opened.set(id, subvolume);
      return subvolume;
    },
    isEntryOf: (child, parent, directory, name) => {
      const item = rootTree.find({ objectId: parent, type: keyType.rootRef, offset: child });
      const reference = item && parseRootReference(item.data, child);
      return reference?.directory === directory && sameBytes(reference.name, name);
    },
  };
}

/** `struct btrfs_root_ref`: the directory and the name in it that a subvolume hangs at. */
export function parseRootReference(data: Uint8Array, child: bigint): { directory: bigint; name: Uint8Array } {
  const length = data.length < ROOT_REF_HEADER ? -1 : viewOf(data).getUint16(16, true);
  if (length < 0 || ROOT_REF_HEADER + length > data.length)
    throw new DiskError('corrupt', `btrfs subvolume ${child}`, 'has a reference to its place that is cut short');
  return {
    directory: viewOf(data).getBigUint64(0, true),
    name: data.subarray(ROOT_REF_HEADER, ROOT_REF_HEADER + length),
  };
}

/** As `get_default_subvol_objectid` of fs/btrfs/super.c: without an entry `default` it is the top. */
function readDefaultId(rootTree: Tree, rootDirectory: bigint): bigint {
  const name = encoder.encode('default');
  const entry = findNamed(rootTree, { objectId: rootDirectory, type: keyType.dirItem, offset: nameHash(name) }, name);
  return entry?.location.objectId ?? objectId.fileTree;
}

/** The tree of that id, be it of files or not. */
export function openRoot(
  blocks: BlockReader,
  rootTree: Tree,
  id: bigint,
): { tree: Tree; rootDirectory: bigint; references: number } | undefined {
  // The offset is the transaction that made a snapshot; as the kernel does, take the last.
  const item = rootTree.last({ objectId: id, type: keyType.rootItem, offset: LARGEST_OFFSET });
  if (!item || item.objectId !== id || item.type !== keyType.rootItem) return undefined;
  const structure = `btrfs root ${id}`;
  if (item.data.length < ROOT_ITEM_SIZE)
    throw new DiskError('corrupt', structure, `has ${item.data.length} bytes, expected ${ROOT_ITEM_SIZE}`);
  const view = viewOf(item.data);
  const tree = openTree(blocks, {
    logical: toSafeNumber(view.getBigUint64(176, true), structure),
    level: view.getUint8(238),
    generation: view.getBigUint64(160, true),
  });
  return { tree, rootDirectory: view.getBigUint64(168, true), references: view.getUint32(216, true) };
}

function openSubvolume(blocks: BlockReader, rootTree: Tree, id: bigint): SubvolumeTree | undefined {
  if (id !== objectId.fileTree && (id < objectId.firstFree || id > objectId.lastFree)) return undefined;
  const root = openRoot(blocks, rootTree, id);
  return root && root.references > 0 ? { id, tree: root.tree, rootDirectory: root.rootDirectory } : undefined;
}
