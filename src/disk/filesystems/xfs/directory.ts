import type { FileType } from '../../../files/file-status.ts';
import { decodeName } from '../../../files/names.ts';
import { toSafeNumber, viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import { directoryEntryTypes } from '../../file-types.ts';
import { diskLimits } from '../../limits.ts';
import { type Run, runsOf, type Source } from './extent-tree.ts';
import type { Inode } from './inode.ts';
import { directoryIdentity, verifyIdentity } from './metadata-block.ts';
import { parseShortForm } from './short-directory.ts';
import { blockOffset } from './superblock.ts';

export interface DirectoryEntry {
  readonly inode: number;
  /** Undefined where the file system does not keep types in directories. */
  readonly type: FileType | undefined;
}

/** XFS_DIR3_FT_*; 8 is a whiteout of overlayfs, a character device. */
const types = [...directoryEntryTypes, 'character-device'] as const;

/** Bytes of the space that entries have; hashes and free space follow it (XFS_DIR2_LEAF_OFFSET). */
const DATA_SPACE = 2 ** 35;
/** A block with its own index at the end, and one whose index is elsewhere; each without and with checksums. */
const blockMagics: ReadonlySet<number> = new Set([0x58443242, 0x58444233]);
const dataMagics: ReadonlySet<number> = new Set([0x58443244, 0x58444433]);
const checkedMagics: ReadonlySet<number> = new Set([0x58444233, 0x58444433]);
const HEADER_SIZE = 16;
const CHECKED_HEADER_SIZE = 64;
/** Entries are aligned to it and end with their own place, in two bytes. */
const ALIGNMENT = 8;
const TAG_SIZE = 2;
const FREE_TAG = 0xffff;

/** Adds an entry but `.` and `..`. */
export type AddEntry = (inode: number, name: Uint8Array, type: number) => void;

/** The entries of a directory by name, without `.` and `..`. Only the blocks that hold entries are read. */
export function readDirectory(source: Source, inode: Inode): Map<string, DirectoryEntry> {
  const fail = (reason: string) => new DiskError('corrupt', `XFS directory ${inode.number}`, reason);
  if (inode.type !== 'directory') throw new DiskError('corrupt', `XFS inode ${inode.number}`, 'is no directory');
  const entries = new Map<string, DirectoryEntry>();
  const add: AddEntry = (number, bytes, type) => {
    const name = decodeName(bytes);
    if (name === '.' || name === '..') return;
    if (name === '' || name.includes('/') || name.includes('\0')) throw fail('has an entry with an impossible name');
    if (entries.size >= diskLimits.entriesPerDirectory)
      throw new DiskError('limit', `XFS directory ${inode.number}`, 'has too many entries (limit entriesPerDirectory)');
    entries.set(name, { inode: number, type: types[type] });
  };
  if (inode.format === 'local') parseShortForm(source.superblock, inode, add);
  else readBlocks(source, inode, add);
  return entries;
}

function readBlocks(source: Source, inode: Inode, add: AddEntry): void {
  const { superblock } = source;
  const { blockSize, directoryBlockSize } = superblock;
  const structure = `XFS directory ${inode.number}`;
  if (inode.size > diskLimits.directoryBytes)
    throw new DiskError('limit', structure, `has ${inode.size} bytes (limit directoryBytes)`);
  const blocks = Math.ceil(Math.min(inode.size, DATA_SPACE) / blockSize);
  const perBlock = directoryBlockSize / blockSize;
  const pieces = runsOf(source, inode, 0, blocks).flatMap((run) => cutAtBlocks(run, perBlock));
  for (let index = 0; index < pieces.length; ) {
    const first = pieces[index];
    if (!first) break;
    const number = Math.floor(first.logical / perBlock);
    const bytes = new Uint8Array(directoryBlockSize);
    let filled = 0;
    for (let piece = pieces[index]; piece && Math.floor(piece.logical / perBlock) === number; piece = pieces[++index]) {
      const place = (piece.logical - number * perBlock) * blockSize;
      if (place !== filled) break;
      const offset = blockOffset(superblock, piece.physical, piece.length, structure);
      bytes.set(source.device.read(offset, piece.length * blockSize), place);
      filled += piece.length * blockSize;
    }
    if (filled !== directoryBlockSize) throw new DiskError('corrupt', structure, 'has a hole within one of its blocks');
    parseBlock(source, inode, bytes, blockOffset(superblock, first.physical, first.length, structure), add);
  }
}

/** Splits a run where directory blocks begin. */
function cutAtBlocks(run: Run, perBlock: number): Run[] {
  const pieces: Run[] = [];
  for (let done = 0; done < run.length; ) {
    const logical = run.logical + done;
    const length = Math.min(run.length - done, perBlock - (logical % perBlock));
    pieces.push({ logical, length, physical: run.physical + done });
    done += length;
  }
  return pieces;
}

function parseBlock({ superblock }: Source, inode: Inode, bytes: Uint8Array, offset: number, add: AddEntry): void {
  const structure = `XFS directory ${inode.number}`;
  const fail = (reason: string) => new DiskError('corrupt', structure, reason, offset);
  const view = viewOf(bytes);
  const magic = view.getUint32(0);
  const { isV5, hasFileTypes } = superblock.features;
  if (!blockMagics.has(magic) && !dataMagics.has(magic)) throw fail('has a block without the magic of one');
  if (checkedMagics.has(magic) !== isV5) throw fail('has a block of another version');
  if (isV5)
    verifyIdentity(bytes, directoryIdentity, { offset, owner: inode.number, uuid: superblock.metaUuid, structure });
  const end = blockMagics.has(magic) ? endOfEntries(view, fail) : bytes.length;
  for (let at = isV5 ? CHECKED_HEADER_SIZE : HEADER_SIZE; at < end; ) {
    if (at + ALIGNMENT > end) throw fail('has an entry that reaches beyond its block');
    if (view.getUint16(at) === FREE_TAG) {
      const length = view.getUint16(at + 2);
      if (length === 0 || length % ALIGNMENT !== 0 || at + length > end)
        throw fail(`has ${length} bytes of free space`);
      at += length;
      continue;
    }
    const nameLength = at + 9 <= end ? view.getUint8(at + 8) : 0;
    const used = 9 + nameLength + Number(hasFileTypes) + TAG_SIZE;
    const length = Math.ceil(used / ALIGNMENT) * ALIGNMENT;
    if (nameLength === 0 || at + length > end) throw fail(`has an entry with a name of ${nameLength} bytes`);
    if (view.getUint16(at + length - TAG_SIZE) !== at) throw fail('has an entry that does not end with its own place');
    const number = toSafeNumber(view.getBigUint64(at), `entry of ${structure}`);
    add(number, bytes.subarray(at + 9, at + 9 + nameLength), hasFileTypes ? view.getUint8(at + 9 + nameLength) : 0);
    at += length;
  }
}

/** Byte where the index of a single-block directory begins: 8 bytes an entry and, last of all, their number. */
function endOfEntries(view: DataView, fail: (reason: string) => DiskError): number {
  const count = view.getUint32(view.byteLength - 8);
  const end = view.byteLength - 8 - count * 8;
  if (end < HEADER_SIZE) throw fail(`has an index of ${count} entries in one block`);
  return end;
}
