import { decodeName } from '../../../files/names.ts';
import { toSafeNumber } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import type { Subvolume } from '../../file-system.ts';
import { diskLimits } from '../../limits.ts';
import { parentOf } from './directory.ts';
import { keyType, objectId } from './key.ts';
import { parseRootReference, type Subvolumes, type SubvolumeTree } from './subvolume.ts';

/** Where a subvolume hangs. */
interface Place {
  readonly parent: bigint;
  readonly directory: bigint;
  readonly name: Uint8Array;
}

/** Names on the way from the top to a subvolume; a path has no more (PATH_MAX of single characters). */
const LONGEST_PATH = 2048;

/**
 * The top and every subvolume that hangs somewhere below it, by their `ROOT_BACKREF` items; those being deleted have
 * none.
 */
export function listSubvolumes(subvolumes: Subvolumes): Subvolume[] {
  const places = new Map<bigint, Place>();
  for (const item of subvolumes.rootTree.from({ objectId: objectId.firstFree, type: 0, offset: 0n })) {
    if (item.objectId > objectId.lastFree) break;
    if (item.type !== keyType.rootBackref) continue;
    if (places.size >= diskLimits.subvolumes)
      throw new DiskError('limit', 'btrfs', `has more subvolumes than the limit subvolumes, ${diskLimits.subvolumes}`);
    places.set(item.objectId, { parent: item.offset, ...parseRootReference(item.data, item.objectId) });
  }
  const paths = new Map<bigint, string>([[objectId.fileTree, '']]);
  return [
    { id: Number(objectId.fileTree), path: '' },
    ...[...places.keys()].map((id) => ({
      id: toSafeNumber(id, 'btrfs subvolume id'),
      path: pathOf(id, subvolumes, places, paths),
    })),
  ];
}

function pathOf(
  id: bigint,
  subvolumes: Subvolumes,
  places: ReadonlyMap<bigint, Place>,
  paths: Map<bigint, string>,
): string {
  const known = paths.get(id);
  if (known !== undefined) return known;
  const names: string[] = [];
  let current = id;
  let above: string | undefined;
  while (above === undefined) {
    const place = places.get(current);
    const parent = place && subvolumes.open(place.parent);
    if (!parent || names.length > LONGEST_PATH)
      throw new DiskError('corrupt', `btrfs subvolume ${id}`, 'hangs nowhere below the top');
    names.unshift(...directoryNames(parent, place.directory), decodeName(place.name));
    current = place.parent;
    above = paths.get(current);
  }
  const path = [above, ...names].filter((part) => part !== '').join('/');
  paths.set(id, path);
  return path;
}

function directoryNames({ id, tree, rootDirectory }: SubvolumeTree, directory: bigint): string[] {
  const names: string[] = [];
  for (let current = directory; current !== rootDirectory; ) {
    const above = parentOf(tree, current);
    if (!above || names.length > LONGEST_PATH)
      throw new DiskError('corrupt', `btrfs inode ${directory} of subvolume ${id}`, 'hangs nowhere below its root');
    names.unshift(decodeName(above.name));
    current = above.parent;
  }
  return names;
}
