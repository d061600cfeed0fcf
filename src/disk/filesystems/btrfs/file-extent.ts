import { toSafeNumber, viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';

/** Where the inline data begins, and where the fields of the other two kinds do. */
const BODY = 21;
const REGULAR_SIZE = 53;
const kinds = { inline: 0, regular: 1, preallocated: 2 } as const;

/** `struct btrfs_file_extent_item`. All numbers are bytes. */
export type FileExtent =
  | { readonly kind: 'hole'; readonly length: number }
  | { readonly kind: 'inline'; readonly length: number; readonly compression: number; readonly data: Uint8Array }
  | {
      readonly kind: 'regular';
      readonly length: number;
      readonly compression: number;
      /** Logical address of the extent, of which other files may use other parts. */
      readonly logical: number;
      readonly storedSize: number;
      /** Of the whole extent once it is expanded. */
      readonly expandedSize: number;
      /** Where in the expanded extent this file's part begins. */
      readonly offset: number;
    };

/**
 * @param data The item; shorter than its kind needs is damage.
 * @throws {DiskError} also for encodings that no kernel writes yet
 */
export function parseFileExtent(data: Uint8Array, structure: string): FileExtent {
  const corrupt = (reason: string) => new DiskError('corrupt', structure, reason);
  if (data.length < BODY) throw corrupt(`has ${data.length} bytes`);
  const view = viewOf(data);
  const long = (offset: number) => toSafeNumber(view.getBigUint64(offset, true), structure);
  const compression = view.getUint8(16);
  const kind = view.getUint8(20);
  if (view.getUint8(17) !== 0 || view.getUint16(18, true) !== 0)
    throw new DiskError('unsupported', structure, 'is encrypted or encoded in a way that is not read');
  const expandedSize = long(8);
  if (kind === kinds.inline) {
    const length = compression === 0 ? data.length - BODY : expandedSize;
    return { kind: 'inline', length, compression, data: data.subarray(BODY) };
  }
  if (kind !== kinds.regular && kind !== kinds.preallocated) throw corrupt(`is of the unknown kind ${kind}`);
  if (data.length < REGULAR_SIZE) throw corrupt(`has ${data.length} bytes, expected ${REGULAR_SIZE}`);
  const logical = long(21);
  const storedSize = long(29);
  const offset = long(37);
  const length = long(45);
  if (kind === kinds.preallocated || logical === 0) return { kind: 'hole', length };
  if (offset + length > (compression === 0 ? storedSize : expandedSize))
    throw corrupt(`uses ${length} bytes from ${offset} on of an extent that is smaller`);
  return { kind: 'regular', length, compression, logical, storedSize, expandedSize, offset };
}
