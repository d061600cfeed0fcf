import type { BlockDevice } from '../../block-device.ts';
import { DiskError } from '../../disk-error.ts';
import { diskLimits } from '../../limits.ts';
import type { BootSector } from './boot-sector.ts';

/** Where the chain of a file goes on. */
export interface AllocationTable {
  /**
   * The cluster after this one, undefined at the end of the chain.
   *
   * @throws {DiskError} when the entry leads nowhere
   */
  next(cluster: number): number | undefined;
}

/** Bytes of the table that are read at once. */
const BLOCK = 4096;
/** From here on an entry ends the chain; the kernel takes the mark of a bad cluster, the lowest of these, for it too. */
const endMarks = { 12: 0xff7, 16: 0xfff7, 32: 0x0ffffff7 } as const;

/** The first table, which is the only one that Linux reads; the others are there for repairs. */
export function allocationTable(device: BlockDevice, boot: BootSector): AllocationTable {
  const blocks = new Map<number, Uint8Array>();
  const { width, fatOffset, fatSize, clusterEnd } = boot;

  const byteAt = (offset: number): number => {
    const start = offset - (offset % BLOCK);
    let block = blocks.get(start);
    if (!block) {
      block = device.read(fatOffset + start, Math.min(BLOCK, fatSize - start));
      if (blocks.size * BLOCK >= diskLimits.fatTableBytes) blocks.clear();
      blocks.set(start, block);
    }
    return block[offset - start] ?? 0;
  };
  const entry = (cluster: number): number => {
    if (width === 12) {
      const offset = cluster + (cluster >> 1);
      const pair = byteAt(offset) | (byteAt(offset + 1) << 8);
      return cluster % 2 === 0 ? pair & 0xfff : pair >> 4;
    }
    const offset = cluster * (width / 8);
    const low = byteAt(offset) | (byteAt(offset + 1) << 8);
    // The four highest bits are reserved.
    return width === 16 ? low : low | (byteAt(offset + 2) << 16) | ((byteAt(offset + 3) & 0x0f) << 24);
  };

  return {
    next: (cluster) => {
      const value = entry(cluster);
      if (value >= endMarks[width]) return undefined;
      if (value >= 2 && value < clusterEnd) return value;
      throw new DiskError(
        'corrupt',
        `FAT${width} entry of cluster ${cluster}`,
        value === 0 ? 'says that the cluster is free, though a file uses it' : `leads to cluster ${value}`,
        fatOffset + Math.floor((cluster * width) / 8),
      );
    },
  };
}
