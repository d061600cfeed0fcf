import { type BlockDevice, checkRange } from '../block-device.ts';
import { DiskError } from '../disk-error.ts';

/** Part of a logical volume: one area when it is linear, several that take turns when it is striped. */
export interface MappedSegment {
  /** Bytes, from the start of the logical volume. */
  readonly start: number;
  readonly size: number;
  /** Bytes on one area before the next has its turn; the size of the segment when there is one area. */
  readonly stripeSize: number;
  readonly areas: readonly { readonly device: BlockDevice; readonly offset: number }[];
}

/**
 * A device over segments that follow each other without a gap; a range in one piece is handed on without a copy.
 *
 * @param structure Names the volume in errors.
 */
export function mappedDevice(segments: readonly MappedSegment[], structure: string): BlockDevice {
  const last = segments.at(-1);
  const size = last ? last.start + last.size : 0;
  return {
    size,
    read: (offset, length) => {
      checkRange({ size }, offset, length, structure);
      if (length === 0) return new Uint8Array(0);
      const first = locate(segments, offset, structure);
      if (length <= first.length) return first.device.read(first.offset, length);
      const bytes = new Uint8Array(length);
      for (let filled = 0; filled < length; ) {
        const run = locate(segments, offset + filled, structure);
        const count = Math.min(run.length, length - filled);
        bytes.set(run.device.read(run.offset, count), filled);
        filled += count;
      }
      return bytes;
    },
  };
}

interface Run {
  readonly device: BlockDevice;
  readonly offset: number;
  /** Bytes from here on that lie behind each other. */
  readonly length: number;
}

function locate(segments: readonly MappedSegment[], at: number, structure: string): Run {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((segments[middle]?.start ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  const segment = segments[low];
  if (!segment) throw new DiskError('corrupt', structure, 'has no segments');
  const inside = at - segment.start;
  const stripe = Math.floor(inside / segment.stripeSize);
  const area = segment.areas[stripe % segment.areas.length];
  if (!area) throw new DiskError('corrupt', structure, 'has a segment without areas');
  const rest = inside % segment.stripeSize;
  return {
    device: area.device,
    offset: area.offset + Math.floor(stripe / segment.areas.length) * segment.stripeSize + rest,
    length: segment.stripeSize - rest,
  };
}
