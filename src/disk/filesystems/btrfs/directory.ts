import type { FileType } from '../../../files/file-status.ts';
import { decodeName, encodeName } from '../../../files/names.ts';
import { viewOf } from '../../bytes.ts';
import { rawCrc32c } from '../../checksums.ts';
import { DiskError } from '../../disk-error.ts';
import { directoryEntryTypes } from '../../file-types.ts';
import { diskLimits } from '../../limits.ts';
import { KEY_SIZE, type Key, keyType, LARGEST_OFFSET, parseKey } from './key.ts';
import type { Tree } from './tree.ts';

export interface DirectoryEntry {
  readonly name: Uint8Array;
  readonly type: FileType | undefined;
  /** Key of the inode; of a root item for a subvolume. */
  readonly location: Key;
}

const HEADER = 30;
/** Names are hashed without the usual inversions (fs/btrfs/ctree.h, `btrfs_name_hash`). */
const HASH_SEED = 0xfffffffe;

/** All entries, in the order in which they were made. */
export function* listDirectory(tree: Tree, directory: bigint): Generator<{ name: string; type?: FileType }> {
  let count = 0;
  for (const item of tree.from({ objectId: directory, type: keyType.dirIndex, offset: 0n })) {
    if (item.objectId !== directory || item.type !== keyType.dirIndex) return;
    for (const { name, type } of parseEntries(item.data, describe(directory))) {
      if (++count > diskLimits.entriesPerDirectory)
        throw new DiskError(
          'limit',
          describe(directory),
          `has more entries than the limit entriesPerDirectory, ${diskLimits.entriesPerDirectory}`,
        );
      yield type ? { name: decodeName(name), type } : { name: decodeName(name) };
    }
  }
}

/** The entry of that name, found by its hash; names of the same hash share an item. */
export function findEntry(tree: Tree, directory: bigint, name: string): DirectoryEntry | undefined {
  const wanted = encodeName(name);
  return findNamed(tree, { objectId: directory, type: keyType.dirItem, offset: nameHash(wanted) }, wanted);
}

/** The entry of the directory item with that key that has the name. */
export function findNamed(tree: Tree, key: Key, wanted: Uint8Array): DirectoryEntry | undefined {
  const item = tree.find(key);
  if (!item) return undefined;
  for (const entry of parseEntries(item.data, describe(key.objectId))) if (sameBytes(entry.name, wanted)) return entry;
  return undefined;
}

export function nameHash(name: Uint8Array): bigint {
  return BigInt(rawCrc32c(name, HASH_SEED));
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** Parent and name of a directory, by its only `INODE_REF`; undefined for one without. */
export function parentOf(tree: Tree, directory: bigint): { parent: bigint; name: Uint8Array } | undefined {
  const item = tree.last({ objectId: directory, type: keyType.inodeRef, offset: LARGEST_OFFSET });
  if (!item || item.objectId !== directory || item.type !== keyType.inodeRef) return undefined;
  const length = item.data.length < 10 ? -1 : viewOf(item.data).getUint16(8, true);
  if (length < 0 || 10 + length > item.data.length)
    throw new DiskError('corrupt', `btrfs inode ${directory}`, 'has a reference to its parent that is cut short');
  return { parent: item.offset, name: item.data.subarray(10, 10 + length) };
}

function describe(directory: bigint): string {
  return `btrfs directory ${directory}`;
}

/** A row of `struct btrfs_dir_item`, each with its name and, in attributes only, data behind it. */
function* parseEntries(data: Uint8Array, structure: string): Generator<DirectoryEntry> {
  const view = viewOf(data);
  for (let offset = 0; offset < data.length; ) {
    const start = offset + HEADER;
    if (start > data.length) throw new DiskError('corrupt', structure, 'has an entry that is cut short');
    const nameLength = view.getUint16(offset + KEY_SIZE + 10, true);
    const end = start + nameLength;
    const next = end + view.getUint16(offset + KEY_SIZE + 8, true);
    if (nameLength === 0 || next > data.length)
      throw new DiskError('corrupt', structure, `has an entry with a name of ${nameLength} bytes, which does not fit`);
    yield {
      name: data.subarray(start, end),
      type: directoryEntryTypes[view.getUint8(offset + KEY_SIZE + 12)],
      location: parseKey(view, offset),
    };
    offset = next;
  }
}
