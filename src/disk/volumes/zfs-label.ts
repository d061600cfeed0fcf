import type { BlockDevice } from '../block-device.ts';
import { viewOf } from '../bytes.ts';
import { type Identity, labelOf, peek } from './signature.ts';

const LABEL_BYTES = 262_144;
/** Where the list of a label begins in it, and its room. */
const LIST_OFFSET = 16_384;
const LIST_BYTES = 114_688;
const SMALLEST_DEVICE = 67_108_864;
/** How much of a list is read; real ones have 1 to 4 KiB. */
const READ_BYTES = 16_384;
const TYPE_UINT64 = 8;
const TYPE_STRING = 9;

/**
 * A member of a ZFS pool, by any of the labels: two at the start, two at the end (the on-disk format of OpenZFS). The
 * UUID is the number of the pool, the label its name.
 */
export function identifyZfs(device: BlockDevice): Identity | undefined {
  if (device.size < SMALLEST_DEVICE) return undefined;
  const end = device.size - (device.size % LABEL_BYTES);
  for (const label of [0, LABEL_BYTES, end - 2 * LABEL_BYTES, end - LABEL_BYTES]) {
    const header = peek(device, label + LIST_OFFSET, 16);
    // XDR encoding, a byte order of 0 or 1, and a first pair.
    if (header?.[0] !== 1 || (header[1] ?? 2) > 1 || viewOf(header).getUint32(12) === 0) continue;
    const list = peek(device, label + LIST_OFFSET, Math.min(READ_BYTES, LIST_BYTES));
    const identity = list && identityIn(list);
    if (identity) return identity;
  }
  return undefined;
}

/** Looks at the outermost pairs; a nested list is one pair that is stepped over. */
function identityIn(list: Uint8Array): Identity | undefined {
  const view = viewOf(list);
  let name: Identity = {};
  let pool: bigint | undefined;
  let hasGuid = false;
  for (let at = 12; at + 16 <= list.length; ) {
    const size = view.getUint32(at);
    const nameBytes = view.getUint32(at + 8);
    const value = at + 12 + Math.ceil(nameBytes / 4) * 4;
    if (size === 0 || size % 4 !== 0 || value + 16 > Math.min(at + size, list.length)) break;
    const key = labelOf(list.subarray(at + 12, at + 12 + nameBytes)).label;
    const type = view.getUint32(value);
    if (type === TYPE_STRING && key === 'name')
      name = labelOf(list.subarray(value + 12, Math.min(value + 12 + view.getUint32(value + 8), at + size)));
    if (type === TYPE_UINT64 && key === 'pool_guid') pool = view.getBigUint64(value + 8);
    if (type === TYPE_UINT64 && key === 'guid') hasGuid = true;
    at += size;
  }
  if (!hasGuid && pool === undefined) return undefined;
  return { ...name, ...(pool === undefined ? {} : { uuid: `${pool}` }) };
}
