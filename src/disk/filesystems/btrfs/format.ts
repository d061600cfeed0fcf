import type { BlockDevice } from '../../block-device.ts';
import { toSafeNumber } from '../../bytes.ts';
import type { Codecs } from '../../codecs.ts';
import { DiskError } from '../../disk-error.ts';
import type { FileSystem, FileSystemFormat, FileSystemState, Subvolume } from '../../file-system.ts';
import { addressMap } from './address-map.ts';
import { blockReader } from './block-reader.ts';
import { type Chunk, parseChunk } from './chunk.ts';
import { decompressor } from './compression.ts';
import { dataReader } from './data-reader.ts';
import { complaintsOf, featureNames } from './features.ts';
import { contentReader } from './file-content.ts';
import { subvolumeFileTree } from './file-tree.ts';
import { keyType, objectId } from './key.ts';
import { openRoot, openSubvolumes } from './subvolume.ts';
import { listSubvolumes } from './subvolume-list.ts';
import { hasSuperblock, readSuperblock, type Superblock } from './superblock.ts';
import { openTree, type Tree } from './tree.ts';

/**
 * btrfs on one device, by the structures of include/uapi/linux/btrfs_tree.h. The log tree is not replayed: a file
 * system that has one is reported as dirty.
 */
export const btrfs: FileSystemFormat = { name: 'btrfs', recognises: hasSuperblock, open };

function open(device: BlockDevice, codecs: Codecs): FileSystem {
  const superblock = readSuperblock(device);
  const systemMap = addressMap(superblock.systemChunks);
  const chunks = openTree(blockReader(device, superblock, systemMap), superblock.chunkTree);
  const map = addressMap(superblock.systemChunks, (logical) => findChunk(chunks, logical, superblock));
  const blocks = blockReader(device, superblock, map);
  const subvolumes = openSubvolumes(blocks, superblock);
  const checksums = once(() => openRoot(blocks, subvolumes.rootTree, objectId.checksumTree)?.tree);
  const content = contentReader(
    dataReader(device, superblock, map, checksums),
    decompressor(codecs, superblock.sectorSize),
  );
  const treeOf = (id: bigint) => {
    const subvolume = subvolumes.open(id);
    if (!subvolume) throw new DiskError('corrupt', `btrfs subvolume ${id}`, 'does not exist');
    return subvolumeFileTree(subvolumes, content, subvolume);
  };
  const list = once((): readonly Subvolume[] => listSubvolumes(subvolumes));
  return {
    type: 'btrfs',
    uuid: superblock.uuid,
    label: superblock.label,
    size: superblock.totalBytes,
    blockSize: superblock.sectorSize,
    features: featureNames(superblock),
    state: stateOf(superblock),
    complaints: complaintsOf(superblock, device.size),
    tree: treeOf(subvolumes.defaultId),
    subvolumes: {
      defaultId: toSafeNumber(subvolumes.defaultId, 'btrfs default subvolume'),
      list,
      tree: (id) => treeOf(Number.isSafeInteger(id) && id >= 0 ? BigInt(id) : 0n),
    },
  };
}

function findChunk(chunks: Tree, logical: number, { device }: Superblock): Chunk | undefined {
  const item = chunks.last({ objectId: objectId.chunkTreeItems, type: keyType.chunkItem, offset: BigInt(logical) });
  return item?.type === keyType.chunkItem ? parseChunk(item.data, item.offset, device) : undefined;
}

function stateOf({ hasLog }: Superblock): FileSystemState {
  if (!hasLog) return { kind: 'clean' };
  return {
    kind: 'dirty',
    reason: 'it was not unmounted: its log tree holds writes that the next mount replays',
    advice: 'mount it once and unmount it again, or start the virtual machine, shut it down and take the image again',
  };
}

/** What `make` gives, made at the first call; a failure is not kept. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
