/** `struct btrfs_disk_key`: trees are sorted by these three, in this order. */
export interface Key {
  readonly objectId: bigint;
  readonly type: number;
  readonly offset: bigint;
}

/** Bytes of a key on the disk. */
export const KEY_SIZE = 17;

/** Key types of include/uapi/linux/btrfs_tree.h. */
export const keyType = {
  inodeItem: 1,
  inodeRef: 12,
  dirItem: 84,
  dirIndex: 96,
  extentData: 108,
  extentChecksum: 128,
  rootItem: 132,
  rootBackref: 144,
  rootRef: 156,
  chunkItem: 228,
} as const;

/** Object ids of the same header. */
export const objectId = {
  fileTree: 5n,
  checksumTree: 7n,
  firstFree: 256n,
  /** -256 as unsigned. */
  lastFree: BigInt.asUintN(64, -256n),
  chunkTreeItems: 256n,
  /** -10 as unsigned. */
  extentChecksums: BigInt.asUintN(64, -10n),
} as const;

/** The largest offset that a key can have. */
export const LARGEST_OFFSET = BigInt.asUintN(64, -1n);

export function parseKey(view: DataView, offset: number): Key {
  return {
    objectId: view.getBigUint64(offset, true),
    type: view.getUint8(offset + 8),
    offset: view.getBigUint64(offset + 9, true),
  };
}

/** Negative, zero or positive, as the key at `offset` stands before, at or after `key`. */
export function compareKeyAt(view: DataView, offset: number, key: Key): number {
  const id = view.getBigUint64(offset, true);
  if (id !== key.objectId) return id < key.objectId ? -1 : 1;
  const type = view.getUint8(offset + 8);
  if (type !== key.type) return type - key.type;
  const last = view.getBigUint64(offset + 9, true);
  if (last !== key.offset) return last < key.offset ? -1 : 1;
  return 0;
}
