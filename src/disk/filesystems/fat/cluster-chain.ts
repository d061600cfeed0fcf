import type { BlockDevice } from '../../block-device.ts';
import { DiskError } from '../../disk-error.ts';
import { diskLimits } from '../../limits.ts';
import type { AllocationTable } from './allocation-table.ts';
import type { BootSector } from './boot-sector.ts';

/** Bytes that lie in clusters which the allocation table strings together. */
export interface ClusterChain {
  /**
   * Exactly `length` bytes from `offset`; follows the chain no further than they reach.
   *
   * @throws {DiskError} when the chain ends before, leads nowhere or into itself
   */
  read(offset: number, length: number): Uint8Array;
  /** Everything up to the end of the chain, no more than `maxBytes`; `undefined` when there is more. */
  readAll(maxBytes: number): Uint8Array | undefined;
}

/** Clusters in a row. */
interface Run {
  /** Clusters of the file before this run. */
  readonly start: number;
  readonly cluster: number;
  count: number;
}

/** @param structure Whose chain it is, for error messages. */
export function clusterChain(
  device: BlockDevice,
  boot: BootSector,
  table: AllocationTable,
  first: number,
  structure: string,
): ClusterChain {
  const { clusterSize, dataOffset, clusterEnd } = boot;
  const runs: Run[] = [];
  let known = 0;
  let isComplete = false;
  let last = 0;
  // Brent's cycle detection: a mark that moves up at every power of two meets any loop within two rounds of it.
  let mark = 0;
  let nextMark = 1;

  const append = (cluster: number): void => {
    if (cluster === mark)
      throw new DiskError('corrupt', structure, `has a chain of clusters that returns to ${cluster}`);
    const run = runs.at(-1);
    if (run && run.cluster + run.count === cluster) run.count += 1;
    else if (runs.length >= diskLimits.extentsPerFile)
      throw new DiskError('limit', structure, `is in more pieces than ${diskLimits.extentsPerFile} (extentsPerFile)`);
    else runs.push({ start: known, cluster, count: 1 });
    last = cluster;
    known += 1;
    if (known === nextMark) {
      mark = cluster;
      nextMark *= 2;
    }
  };
  /** Whether the chain has so many clusters. */
  const follow = (count: number): boolean => {
    if (known === 0 && !isComplete) {
      if (first === 0) isComplete = true;
      else if (first < 2 || first >= clusterEnd)
        throw new DiskError('corrupt', structure, `begins in cluster ${first}, but there are ${clusterEnd - 2}`);
      else append(first);
    }
    while (known < count && !isComplete) {
      const next = table.next(last);
      if (next === undefined) isComplete = true;
      else append(next);
    }
    return known >= count;
  };
  const runAt = (cluster: number): Run | undefined => {
    let low = 0;
    let high = runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((runs[middle]?.start ?? 0) <= cluster) low = middle;
      else high = middle - 1;
    }
    return runs[low];
  };
  const gather = (offset: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      const position = offset + filled;
      const run = runAt(Math.floor(position / clusterSize));
      if (!run) break;
      const within = position - run.start * clusterSize;
      const count = Math.min(length - filled, run.count * clusterSize - within);
      bytes.set(device.read(dataOffset + (run.cluster - 2) * clusterSize + within, count), filled);
      filled += count;
    }
    return bytes;
  };

  return {
    read: (offset, length) => {
      if (!follow(Math.ceil((offset + length) / clusterSize)))
        throw new DiskError('corrupt', structure, `has a chain of ${known} clusters, too short for its size`);
      return gather(offset, length);
    },
    readAll: (maxBytes) => {
      if (follow(Math.floor(maxBytes / clusterSize) + 1)) return undefined;
      return gather(0, known * clusterSize);
    },
  };
}
