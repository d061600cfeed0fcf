import { toSafeNumber, viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import type { AddEntry } from './directory.ts';
import type { Inode } from './inode.ts';
import type { Superblock } from './superblock.ts';

/** Number of entries, and of those whose inode numbers need 64 bits: before the parent in struct xfs_dir2_sf_hdr. */
const COUNTS_SIZE = 2;
/** Length of the name and its place in a block to come, before the name in struct xfs_dir2_sf_entry. */
const PREFIX_SIZE = 3;

/** A directory that fits into its inode. Inode numbers have 8 bytes as soon as one of them needs them, else 4. */
export function parseShortForm({ features }: Superblock, inode: Inode, add: AddEntry): void {
  const structure = `XFS directory ${inode.number}`;
  const fail = (reason: string) => new DiskError('corrupt', structure, reason);
  if (inode.size > inode.fork.length) throw fail(`has ${inode.size} bytes in its inode's ${inode.fork.length}`);
  const bytes = inode.fork.subarray(0, inode.size);
  const view = viewOf(bytes);
  if (bytes.length < COUNTS_SIZE + 4) throw fail(`has ${bytes.length} bytes, too few for a directory`);
  const count = view.getUint8(0);
  const isWide = view.getUint8(1) !== 0;
  const numberSize = isWide ? 8 : 4;
  let at = COUNTS_SIZE + numberSize;
  for (let index = 0; index < count; index++) {
    const nameLength = at < bytes.length ? view.getUint8(at) : 0;
    const numberAt = at + PREFIX_SIZE + nameLength + Number(features.hasFileTypes);
    if (nameLength === 0 || numberAt + numberSize > bytes.length)
      throw fail(`has ${count} entries, of which ${index} fit into its ${bytes.length} bytes`);
    const number = isWide
      ? toSafeNumber(view.getBigUint64(numberAt), `entry of ${structure}`)
      : view.getUint32(numberAt);
    const name = bytes.subarray(at + PREFIX_SIZE, at + PREFIX_SIZE + nameLength);
    add(number, name, features.hasFileTypes ? view.getUint8(numberAt - 1) : 0);
    at = numberAt + numberSize;
  }
}
