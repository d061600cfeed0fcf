import type { FileType } from '../../../files/file-status.ts';
import { decodeName } from '../../../files/names.ts';
import type { BlockDevice } from '../../block-device.ts';
import { viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import { directoryEntryTypes } from '../../file-types.ts';
import { diskLimits } from '../../limits.ts';
import { foldedNames } from './case-folding.ts';
import { readContent, systemData } from './content.ts';
import { hasRightEntryChecksum, hasRightHashChecksum, isHashNode, recordLength } from './directory-checksum.ts';
import { has, incompat, roCompat } from './features.ts';
import type { Inode } from './inode.ts';
import { runsOf } from './mapping.ts';
import type { Superblock } from './superblock.ts';

export interface DirectoryEntry {
  readonly inode: number;
  /** Undefined where the file system does not keep types in directories. */
  readonly type: FileType | undefined;
}

/** Bytes of the pieces that a large directory is read in; a multiple of every block size. */
const PIECE = 64 * 1024;
/** The low bits are the type; the others belong to Lustre. */
const TYPE_MASK = 7;

/** The entries of a directory. */
export interface Directory {
  /** By name, without `.` and `..`. */
  readonly entries: ReadonlyMap<string, DirectoryEntry>;
  /** Where names are found in any case: the name as it is written, by its folded form. */
  readonly folded: ReadonlyMap<string, string> | undefined;
}

/**
 * Reads a whole directory. Nodes of a hash tree look like blocks with no entries.
 *
 * @throws {DiskError} when it is encrypted, larger than the limits, or damaged
 */
export function readDirectory(device: BlockDevice, superblock: Superblock, inode: Inode): Directory {
  const structure = `ext directory ${inode.number}`;
  if (inode.isEncrypted)
    throw new DiskError('encrypted', structure, 'has encrypted names (fscrypt); only its key opens them');
  const parsed: Parsed = { entries: new Map(), seen: 0 };
  if (inode.isInline) {
    // The first four bytes are the number of the parent.
    parseBlock(superblock, inode, inode.blockArea.subarray(4), parsed);
    parseBlock(superblock, inode, systemData(inode), parsed);
  } else {
    if (inode.size > diskLimits.directoryBytes)
      throw new DiskError('limit', structure, `has ${inode.size} bytes (limit directoryBytes)`);
    readBlocks(device, superblock, inode, parsed);
  }
  const { entries } = parsed;
  return { entries, folded: inode.isCaseFolded ? foldedNames(entries) : undefined };
}

/** What is there is read; a hole holds no entries. */
function readBlocks(device: BlockDevice, superblock: Superblock, inode: Inode, parsed: Parsed): void {
  const { blockSize } = superblock;
  const blocks = Math.ceil(inode.size / blockSize);
  const piece = Math.max(1, PIECE / blockSize);
  for (const run of runsOf(device, superblock, inode, 0, blocks)) {
    if (run.physical === undefined) continue;
    for (let block = run.logical; block < run.logical + run.length; block += piece) {
      const offset = block * blockSize;
      const end = Math.min((run.logical + run.length) * blockSize, inode.size);
      readPiece(device, superblock, inode, offset, Math.min(PIECE, end - offset), parsed);
    }
  }
}

function readPiece(
  device: BlockDevice,
  superblock: Superblock,
  inode: Inode,
  offset: number,
  length: number,
  parsed: Parsed,
): void {
  const { blockSize, features } = superblock;
  const hasChecksums = has(features, roCompat.metadataChecksum);
  const bytes = readContent(device, superblock, inode, offset, length);
  for (let at = 0; at < bytes.length; at += blockSize) {
    const block = bytes.subarray(at, at + blockSize);
    if (block.length < blockSize)
      throw new DiskError('corrupt', `ext directory ${inode.number}`, 'ends within a block', offset + at);
    const isNode = isHashNode(inode, offset + at, block);
    if (hasChecksums && !(isNode ? hasRightHashChecksum : hasRightEntryChecksum)(inode, block))
      throw new DiskError('corrupt', `ext directory ${inode.number}`, 'has a wrong checksum', offset + at);
    parseBlock(superblock, inode, block, parsed);
  }
}

interface Parsed {
  readonly entries: Map<string, DirectoryEntry>;
  /** Entries that were gone through, twice the same name as two. */
  seen: number;
}

function parseBlock(superblock: Superblock, inode: Inode, block: Uint8Array, parsed: Parsed): void {
  const { entries } = parsed;
  const fail = (reason: string) => new DiskError('corrupt', `ext directory ${inode.number}`, reason);
  const hasTypes = has(superblock.features, incompat.fileType);
  const view = viewOf(block);
  for (let at = 0; at + 8 <= block.length; ) {
    const length = recordLength(view.getUint16(at + 4, true));
    // The unused end of an inline directory is zero.
    if (length === 0 && view.getUint32(at, true) === 0) return;
    const nameLength = view.getUint8(at + 6);
    if (length < 8 || length % 4 !== 0 || at + length > block.length || nameLength > length - 8)
      throw fail(`has an entry of ${length} bytes with a name of ${nameLength}`);
    if (++parsed.seen > diskLimits.entriesPerDirectory)
      throw new DiskError('limit', `ext directory ${inode.number}`, 'has too many entries (limit entriesPerDirectory)');
    const number = view.getUint32(at, true);
    if (number !== 0) {
      const name = decodeName(block.subarray(at + 8, at + 8 + nameLength));
      if (name !== '.' && name !== '..') {
        if (name === '' || name.includes('/') || name.includes('\0'))
          throw fail('has an entry with an impossible name');
        // The kernel, too, finds the first of two entries with the same name.
        if (!entries.has(name))
          entries.set(name, {
            inode: number,
            type: hasTypes ? directoryEntryTypes[view.getUint8(at + 7) & TYPE_MASK] : undefined,
          });
      }
    }
    at += length;
  }
}
