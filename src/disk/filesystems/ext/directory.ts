import type { FileType } from '../../../files/file-status.ts';
import { decodeName } from '../../../files/names.ts';
import type { BlockDevice } from '../../block-device.ts';
import { viewOf } from '../../bytes.ts';
import { rawCrc32c } from '../../checksums.ts';
import { DiskError } from '../../disk-error.ts';
import { diskLimits } from '../../limits.ts';
import { readContent, systemData } from './content.ts';
import { has, incompat, roCompat } from './features.ts';
import type { Inode } from './inode.ts';
import type { Superblock } from './superblock.ts';

export interface DirectoryEntry {
  readonly inode: number;
  /** Undefined where the file system does not keep types in directories. */
  readonly type: FileType | undefined;
}

/** Types of struct ext4_dir_entry_2. */
const types: readonly (FileType | undefined)[] = [
  undefined,
  'file',
  'directory',
  'character-device',
  'block-device',
  'fifo',
  'socket',
  'symlink',
];
/** Type of the false entry that holds a block's checksum. */
const CHECKSUM_TYPE = 0xde;
const CHECKSUM_ENTRY_SIZE = 12;
/** Bytes of the pieces that a large directory is read in; a multiple of every block size. */
const PIECE = 64 * 1024;

/** The entries of a directory by name, without `.` and `..`. Blocks of a hash tree look like blocks with no entries. */
export function readDirectory(device: BlockDevice, superblock: Superblock, inode: Inode): Map<string, DirectoryEntry> {
  const entries = new Map<string, DirectoryEntry>();
  if (inode.isInline) {
    // The first four bytes are the number of the parent.
    parseBlock(superblock, inode, inode.blockArea.subarray(4), entries);
    parseBlock(superblock, inode, systemData(inode), entries);
    return entries;
  }
  if (inode.size > diskLimits.directoryBytes)
    throw new DiskError('limit', `ext directory ${inode.number}`, `has ${inode.size} bytes (limit directoryBytes)`);
  const { blockSize } = superblock;
  for (let offset = 0; offset < inode.size; offset += PIECE) {
    const bytes = readContent(device, superblock, inode, offset, Math.min(PIECE, inode.size - offset));
    for (let at = 0; at < bytes.length; at += blockSize) {
      const block = bytes.subarray(at, at + blockSize);
      if (!isHashNode(inode, offset + at, block) && !hasRightChecksum(superblock, inode, block))
        throw new DiskError('corrupt', `ext directory ${inode.number}`, 'has a wrong checksum', offset + at);
      parseBlock(superblock, inode, block, entries);
    }
  }
  return entries;
}

function parseBlock(
  superblock: Superblock,
  inode: Inode,
  block: Uint8Array,
  entries: Map<string, DirectoryEntry>,
): void {
  const fail = (reason: string) => new DiskError('corrupt', `ext directory ${inode.number}`, reason);
  const hasTypes = has(superblock.features, incompat.fileType);
  const view = viewOf(block);
  for (let at = 0; at + 8 <= block.length; ) {
    const length = recordLength(view.getUint16(at + 4, true));
    // A hole in the directory reads as zeros; so does the unused end of an inline one.
    if (length === 0 && view.getUint32(at, true) === 0) return;
    const nameLength = view.getUint8(at + 6);
    if (length < 8 || length % 4 !== 0 || at + length > block.length || nameLength > length - 8)
      throw fail(`has an entry of ${length} bytes with a name of ${nameLength}`);
    const number = view.getUint32(at, true);
    if (number !== 0) {
      const name = decodeName(block.subarray(at + 8, at + 8 + nameLength));
      if (name !== '.' && name !== '..') {
        if (name === '' || name.includes('/') || name.includes('\0'))
          throw fail('has an entry with an impossible name');
        if (entries.size >= diskLimits.entriesPerDirectory)
          throw fail('has too many entries (limit entriesPerDirectory)');
        entries.set(name, { inode: number, type: hasTypes ? types[view.getUint8(at + 7) & 7] : undefined });
      }
    }
    at += length;
  }
}

/** 64 KiB do not fit into the field: ext4_rec_len_from_disk of fs/ext4/ext4.h. */
function recordLength(stored: number): number {
  return stored === 65535 ? 65536 : stored;
}

/** A node of the hash tree has a checksum of another form; what it held as a plain block may still stand at its end. */
function isHashNode({ isHashTree }: Inode, offset: number, block: Uint8Array): boolean {
  const view = viewOf(block);
  const isOneFreeEntry = view.getUint32(0, true) === 0 && recordLength(view.getUint16(4, true)) === block.length;
  return isHashTree && (offset === 0 || isOneFreeEntry);
}

/** True as well for a block without a checksum. */
function hasRightChecksum({ features, blockSize }: Superblock, inode: Inode, block: Uint8Array): boolean {
  if (!has(features, roCompat.metadataChecksum) || block.length !== blockSize) return true;
  const tail = block.length - CHECKSUM_ENTRY_SIZE;
  const view = viewOf(block);
  const isTail =
    view.getUint32(tail, true) === 0 &&
    view.getUint16(tail + 4, true) === CHECKSUM_ENTRY_SIZE &&
    view.getUint8(tail + 6) === 0 &&
    view.getUint8(tail + 7) === CHECKSUM_TYPE;
  return !isTail || rawCrc32c(block.subarray(0, tail), inode.checksumSeed) === view.getUint32(tail + 8, true);
}
