import type { BlockDevice } from '../../block-device.ts';
import { viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import type { Checkpoint } from './log-checkpoints.ts';
import { BASIC_BLOCK } from './metadata-block.ts';
import { type BufferItem, parseBufferItem, replayBuffer } from './replay-buffer.ts';
import { parseCreationItem, parseInodeItem, replayCreation, replayInode } from './replay-inode.ts';
import { type SectorOverlay, sectorOverlay } from './sector-overlay.ts';
import type { Superblock } from './superblock.ts';

/** XFS_LI_*: types of log items. */
const type = {
  unlink: 0x1238,
  inode: 0x123b,
  buffer: 0x123c,
  quota: 0x123d,
  quotaOff: 0x123e,
  creation: 0x123f,
} as const;

/** Pairs of an intention and its completion; what is intended is done by the next mount. */
interface Intention {
  readonly name: string;
  /** Whether files read otherwise once it is done; the others only keep books about free space and attributes. */
  readonly changesFiles: boolean;
}
const intentions: ReadonlyMap<number, Intention> = new Map([
  [0x1236, { name: 'extents to free', changesFiles: false }],
  [0x1240, { name: 'reverse mappings to update', changesFiles: false }],
  [0x1242, { name: 'reference counts to update', changesFiles: false }],
  [0x1244, { name: 'extents of files to map', changesFiles: true }],
  [0x1246, { name: 'attributes to set', changesFiles: false }],
  [0x1248, { name: 'contents of files to exchange', changesFiles: true }],
  [0x124a, { name: 'real-time extents to free', changesFiles: false }],
  [0x124c, { name: 'real-time reverse mappings to update', changesFiles: false }],
  [0x124e, { name: 'real-time reference counts to update', changesFiles: false }],
]);
const IDENTIFIER_AT = 8;

/** What a replay came to. */
export interface Replay {
  /** The volume as it is after the replay. */
  readonly device: BlockDevice;
  readonly checkpoints: number;
  readonly items: number;
  /** Nothing but the superblock was in the log: a frozen or idle file system. */
  readonly isOnlySuperblock: boolean;
}

/**
 * Replays checkpoints in memory, in two passes as the kernel does: what buffers were freed must be known before.
 *
 * @param checkpoints Gives them anew for each pass.
 * @throws {DiskError} when an item is damaged or of an unknown type, or the next mount would do more than replay
 */
export function replayCheckpoints(
  device: BlockDevice,
  superblock: Superblock,
  checkpoints: () => Iterable<Checkpoint>,
): Replay {
  const cancelled = new CancelledBuffers();
  const pending = new Map<string, Intention>();
  let latest = 0n;
  for (const { sequence, items } of checkpoints()) {
    if (sequence < latest) throw fail('has checkpoints that began in another order than they ended');
    latest = sequence;
    for (const item of items) notice(item, cancelled, pending);
  }
  for (const { name, changesFiles } of pending.values())
    if (changesFiles) throw new DiskError('unsupported', 'XFS log', `leaves ${name} to the next mount`);
  const overlay = sectorOverlay(device);
  let [count, total, isOnlySuperblock] = [0, 0, true];
  for (const { sequence, items } of checkpoints()) {
    count += 1;
    total += items.length;
    isOnlySuperblock &&= items.every(isSuperblock);
    for (const item of inOrder(items)) apply(overlay, superblock, item, sequence, cancelled);
  }
  return { device: overlay, checkpoints: count, items: total, isOnlySuperblock };
}

type Item = readonly Uint8Array[];

function first(item: Item): Uint8Array {
  return item[0] ?? new Uint8Array(4);
}

function typeOf(item: Item): number {
  return viewOf(first(item)).getUint16(0, true);
}

function isSuperblock(item: Item): boolean {
  return typeOf(item) === type.buffer && parseBufferItem(first(item)).place === 0;
}

/** First pass: freed buffers and open intentions. A completion has the number after its intention's. */
function notice(item: Item, cancelled: CancelledBuffers, pending: Map<string, Intention>): void {
  const kind = typeOf(item);
  if (kind === type.buffer) {
    const buffer = parseBufferItem(first(item));
    if (buffer.isCancel) cancelled.add(buffer);
    return;
  }
  const [intention, completed] = [intentions.get(kind), intentions.get(kind - 1)];
  if (!intention && !completed) {
    if (Object.values(type).every((known) => known !== kind)) throw fail(`has an item of type 0x${kind.toString(16)}`);
    return;
  }
  const region = first(item);
  if (region.length < IDENTIFIER_AT + 8) throw fail('has an intention that is cut short');
  const identifier = viewOf(region).getBigUint64(IDENTIFIER_AT, true);
  if (intention) pending.set(`${kind}:${identifier}`, intention);
  else pending.delete(`${kind - 1}:${identifier}`);
}

/** xlog_recover_reorder_trans: buffers and new inodes, then inodes, then what was freed. */
function inOrder(items: readonly Item[]): Item[] {
  const rank = (item: Item): number => {
    const kind = typeOf(item);
    if (kind === type.creation) return 0;
    if (kind !== type.buffer) return 1;
    return parseBufferItem(first(item)).isCancel ? 2 : 0;
  };
  return [...items].sort((one, other) => rank(one) - rank(other));
}

function apply(
  overlay: SectorOverlay,
  superblock: Superblock,
  item: Item,
  sequence: bigint,
  cancelled: CancelledBuffers,
): void {
  const kind = typeOf(item);
  if (kind === type.buffer) {
    const buffer = parseBufferItem(first(item));
    if (buffer.isCancel) cancelled.remove(buffer);
    else if (!buffer.isIrrelevant && !cancelled.has(buffer)) replayBuffer(overlay, superblock, buffer, item, sequence);
  } else if (kind === type.inode) {
    const inode = parseInodeItem(first(item));
    if (!cancelled.has(inode)) replayInode(overlay, superblock, inode, item, sequence);
  } else if (kind === type.creation) {
    const creation = parseCreationItem(superblock, first(item));
    if (!cancelled.overlaps(creation.offset / BASIC_BLOCK, creation.size / BASIC_BLOCK))
      replayCreation(overlay, superblock, creation);
  }
}

type Place = Pick<BufferItem, 'place' | 'length'>;

/** How often each buffer is freed yet to come; what is logged of it before the last time is not replayed. */
class CancelledBuffers {
  readonly #counts = new Map<string, Place & { readonly count: number }>();

  add(buffer: Place): void {
    this.#set(buffer, this.#count(buffer) + 1);
  }

  remove(buffer: Place): void {
    this.#set(buffer, this.#count(buffer) - 1);
  }

  has(buffer: Place): boolean {
    return this.#count(buffer) > 0;
  }

  /** Whether any of the buffers begins within a run of basic blocks. */
  overlaps(place: number, length: number): boolean {
    for (const buffer of this.#counts.values()) if (buffer.place >= place && buffer.place < place + length) return true;
    return false;
  }

  #count({ place, length }: Place): number {
    return this.#counts.get(`${place}:${length}`)?.count ?? 0;
  }

  #set({ place, length }: Place, count: number): void {
    const key = `${place}:${length}`;
    if (count > 0) this.#counts.set(key, { place, length, count });
    else this.#counts.delete(key);
  }
}

function fail(reason: string): DiskError {
  return new DiskError('corrupt', 'XFS log', reason);
}
