import { viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import { type Run, runsOf, type Source } from './extent-tree.ts';
import type { Inode } from './inode.ts';
import { linkIdentity, verifyIdentity } from './metadata-block.ts';
import { blockOffset } from './superblock.ts';

/** Bytes of the longest target: XFS_SYMLINK_MAXLEN. */
const LONGEST_LINK = 1024;
/** Magic and size of struct xfs_dsymlink_hdr. */
const LINK_MAGIC = 0x58534c4d;
const LINK_HEADER_SIZE = 56;

/**
 * Bytes of a regular file from `offset`; `length` must already be cut to the file's size.
 *
 * @throws {DiskError} when they lie on a real-time device, or what leads to them is damaged
 */
export function readContent(source: Source, inode: Inode, offset: number, length: number): Uint8Array {
  if (length <= 0) return new Uint8Array();
  const structure = `XFS inode ${inode.number}`;
  if (inode.type !== 'file') throw new DiskError('corrupt', structure, `is read as a file and is a ${inode.type}`);
  if (inode.isRealTime) throw new DiskError('unsupported', structure, 'has its contents on a real-time device');
  const { blockSize } = source.superblock;
  const first = Math.floor(offset / blockSize);
  const count = Math.ceil((offset + length) / blockSize) - first;
  const runs = runsOf(source, inode, first, count);
  const bytes = new Uint8Array(length);
  for (const run of runs) {
    const start = blockOffset(source.superblock, run.physical, run.length, structure);
    const from = Math.max(offset, run.logical * blockSize);
    const to = Math.min(offset + length, (run.logical + run.length) * blockSize);
    bytes.set(source.device.read(start + (from - run.logical * blockSize), to - from), from - offset);
  }
  return bytes;
}

/** Target of a symbolic link: in the inode, or in blocks, in version 5 with one header before each extent. */
export function readLinkTarget(source: Source, inode: Inode): Uint8Array {
  const fail = (reason: string) => new DiskError('corrupt', `symbolic link in XFS inode ${inode.number}`, reason);
  if (inode.type !== 'symlink') throw fail(`is a ${inode.type}`);
  if (inode.size === 0 || inode.size > LONGEST_LINK)
    throw fail(`is ${inode.size} bytes long, expected 1 to ${LONGEST_LINK}`);
  if (inode.format === 'local') {
    if (inode.size > inode.fork.length) throw fail(`is ${inode.size} bytes long in ${inode.fork.length}`);
    return inode.fork.subarray(0, inode.size);
  }
  const { blockSize, features } = source.superblock;
  const headerSize = features.isV5 ? LINK_HEADER_SIZE : 0;
  const blocks = Math.ceil(inode.size / (blockSize - headerSize));
  const target = new Uint8Array(inode.size);
  let filled = 0;
  for (const run of runsOf(source, inode, 0, blocks)) {
    const part = readLinkPart(source, inode, run, filled);
    const wanted = Math.min(part.length, inode.size - filled);
    target.set(part.subarray(0, wanted), filled);
    filled += wanted;
  }
  if (filled < inode.size) throw fail(`is ${inode.size} bytes long and has ${filled}`);
  return target;
}

function readLinkPart({ device, superblock }: Source, inode: Inode, run: Run, filled: number): Uint8Array {
  const structure = `symbolic link in XFS inode ${inode.number}`;
  const offset = blockOffset(superblock, run.physical, run.length, structure);
  const bytes = device.read(offset, run.length * superblock.blockSize);
  if (!superblock.features.isV5) return bytes;
  const view = viewOf(bytes);
  const fail = (reason: string) => new DiskError('corrupt', structure, reason, offset);
  if (view.getUint32(0) !== LINK_MAGIC) throw fail('lacks its magic XSLM');
  verifyIdentity(bytes, linkIdentity, { offset, owner: inode.number, uuid: superblock.metaUuid, structure });
  const length = view.getUint32(8);
  if (view.getUint32(4) !== filled || length > bytes.length - LINK_HEADER_SIZE)
    throw fail(`holds ${length} bytes from ${view.getUint32(4)}, expected those from ${filled}`);
  return bytes.subarray(LINK_HEADER_SIZE, LINK_HEADER_SIZE + length);
}
