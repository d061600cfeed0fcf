import type { BlockDevice } from '../../block-device.ts';
import { hasMagic, viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import type { Inode } from './inode.ts';
import { runsOf } from './mapping.ts';
import type { Superblock } from './superblock.ts';

/**
 * Bytes of a file from `offset`; `length` must already be cut to the file's size.
 *
 * @throws {DiskError} when the contents are encrypted, or what leads to them is damaged
 */
export function readContent(
  device: BlockDevice,
  superblock: Superblock,
  inode: Inode,
  offset: number,
  length: number,
): Uint8Array {
  if (inode.isEncrypted)
    throw new DiskError('encrypted', `ext inode ${inode.number}`, 'is encrypted (fscrypt); only its key opens it');
  if (length <= 0) return new Uint8Array();
  if (inode.isInline) return inlineContent(inode).subarray(offset, offset + length);
  const { blockSize } = superblock;
  const first = Math.floor(offset / blockSize);
  const count = Math.ceil((offset + length) / blockSize) - first;
  const bytes = new Uint8Array(length);
  for (const run of runsOf(device, superblock, inode, first, count)) {
    if (run.physical === undefined) continue;
    if (run.physical + run.length > superblock.blocks)
      throw new DiskError(
        'corrupt',
        `ext inode ${inode.number}`,
        `has contents at block ${run.physical}, but there are ${superblock.blocks} blocks`,
      );
    const from = Math.max(offset, run.logical * blockSize);
    const to = Math.min(offset + length, (run.logical + run.length) * blockSize);
    const place = run.physical * blockSize + (from - run.logical * blockSize);
    bytes.set(device.read(place, to - from), from - offset);
  }
  return bytes;
}

const ATTRIBUTE_MAGIC = 0xea020000;
/** EXT4_XATTR_INDEX_SYSTEM of fs/ext4/xattr.h. */
const SYSTEM_NAMESPACE = 7;

/** Contents within the inode: the block area, and what did not fit there in the attribute system.data. */
function inlineContent(inode: Inode): Uint8Array {
  const rest = systemData(inode);
  if (inode.size > inode.blockArea.length + rest.length)
    throw new DiskError(
      'corrupt',
      `ext inode ${inode.number}`,
      `has ${inode.size} bytes within itself, where at most ${inode.blockArea.length + rest.length} are`,
    );
  const bytes = new Uint8Array(inode.blockArea.length + rest.length);
  bytes.set(inode.blockArea);
  bytes.set(rest, inode.blockArea.length);
  return bytes.subarray(0, inode.size);
}

/** Value of the extended attribute system.data; empty when there is none. */
export function systemData({ attributeArea, number }: Inode): Uint8Array {
  const view = viewOf(attributeArea);
  if (attributeArea.length < 8 || view.getUint32(0, true) !== ATTRIBUTE_MAGIC) return new Uint8Array();
  const entries = attributeArea.subarray(4);
  for (let at = 0; at + 16 <= entries.length && viewOf(entries).getUint32(at, true) !== 0; ) {
    const entry = viewOf(entries);
    const nameLength = entry.getUint8(at);
    if (entry.getUint8(at + 1) === SYSTEM_NAMESPACE && nameLength === 4 && hasMagic(entries, at + 16, 'data')) {
      const start = entry.getUint16(at + 2, true);
      const size = entry.getUint32(at + 8, true);
      if (start + size > entries.length)
        throw new DiskError('corrupt', `ext inode ${number}`, 'has inline contents that reach beyond it');
      return entries.subarray(start, start + size);
    }
    at += 16 + Math.ceil(nameLength / 4) * 4;
  }
  return new Uint8Array();
}
