import { DiskError } from '../../disk-error.ts';
import { diskLimits } from '../../limits.ts';
import { type Decompressor, LARGEST_COMPRESSED } from './compression.ts';
import type { DataReader } from './data-reader.ts';
import { type FileExtent, parseFileExtent } from './file-extent.ts';
import type { Inode } from './inode.ts';
import { keyType } from './key.ts';
import type { Tree } from './tree.ts';

/** Reads ranges of files. */
export interface ContentReader {
  /** Up to `length` bytes from `offset`; shorter only at the end of the file. */
  read(tree: Tree, number: bigint, inode: Inode, offset: number, length: number): Uint8Array;
}

export function contentReader(data: DataReader, { expand }: Decompressor): ContentReader {
  /** A file is read in pieces, and an extent is compressed as a whole. */
  let latest: { readonly logical: number; readonly size: number; readonly bytes: Uint8Array } | undefined;

  const expandExtent = (extent: Extract<FileExtent, { kind: 'regular' }>, inode: Inode, structure: string) => {
    const { logical, storedSize, expandedSize: size, compression } = extent;
    if (latest?.logical === logical && latest.size === size) return latest.bytes;
    if (storedSize > LARGEST_COMPRESSED)
      throw new DiskError('corrupt', structure, `is ${storedSize} compressed bytes, more than are compressed at once`);
    const stored = data.read(logical, storedSize, !inode.hasNoChecksums);
    latest = { logical, size, bytes: expand(compression, stored, size, structure) };
    return latest.bytes;
  };

  /** `count` bytes from `into` the extent on; undefined for zeros. */
  const readExtent = (extent: FileExtent, inode: Inode, into: number, count: number, structure: string) => {
    if (extent.kind === 'hole') return undefined;
    if (extent.kind === 'inline') {
      const { compression, length } = extent;
      const bytes = compression === 0 ? extent.data : expand(compression, extent.data, length, structure);
      return bytes.subarray(into, into + count);
    }
    const from = extent.offset + into;
    if (extent.compression === 0) return data.read(extent.logical + from, count, !inode.hasNoChecksums);
    return expandExtent(extent, inode, structure).subarray(from, from + count);
  };

  return {
    read: (tree, number, inode, offset, length) => {
      const end = Math.min(offset + length, inode.status.size);
      if (end <= offset) return new Uint8Array(0);
      const bytes = new Uint8Array(end - offset);
      let extents = 0;
      for (const item of tree.around({ objectId: number, type: keyType.extentData, offset: BigInt(offset) })) {
        if (item.objectId > number || (item.objectId === number && item.type > keyType.extentData)) break;
        if (item.objectId < number || item.type < keyType.extentData) continue;
        if (item.offset >= BigInt(end)) break;
        const start = Number(item.offset);
        const structure = `btrfs extent at byte ${start} of inode ${number}`;
        if (++extents > diskLimits.extentsPerFile)
          throw new DiskError('limit', structure, `is beyond the limit extentsPerFile, ${diskLimits.extentsPerFile}`);
        const extent = parseFileExtent(item.data, structure);
        const from = Math.max(start, offset);
        const to = Math.min(start + extent.length, end);
        const part = from < to ? readExtent(extent, inode, from - start, to - from, structure) : undefined;
        if (part) bytes.set(part, from - offset);
      }
      return bytes;
    },
  };
}
