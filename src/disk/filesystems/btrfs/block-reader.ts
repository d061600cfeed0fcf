import type { BlockDevice } from '../../block-device.ts';
import { attemptDisk, DiskError } from '../../disk-error.ts';
import { diskLimits } from '../../limits.ts';
import type { AddressMap } from './address-map.ts';
import type { Superblock } from './superblock.ts';
import { type BlockPointer, describeBlock, expectPointedTo, parseBlock, type TreeBlock } from './tree-block.ts';

/** Reads tree blocks by logical address; each is checked once and kept as long as there is room. */
export interface BlockReader {
  /** @throws {DiskError} when no copy on this device is the block that was meant */
  read(pointer: BlockPointer): TreeBlock;
}

export function blockReader(device: BlockDevice, superblock: Superblock, map: AddressMap): BlockReader {
  const { nodeSize } = superblock;
  const most = Math.max(1, Math.floor(diskLimits.btrfsBlockBytes / nodeSize));
  const kept = new Map<number, TreeBlock>();

  const load = (pointer: BlockPointer): TreeBlock => {
    const { copies, room } = map.locate(pointer.logical);
    if (room < nodeSize)
      throw new DiskError('corrupt', describeBlock(pointer.logical), 'reaches beyond the end of its chunk');
    return firstGood(copies, (physical) => {
      const block = parseBlock(device.read(physical, nodeSize), pointer.logical, physical, superblock);
      expectPointedTo(block, pointer);
      return block;
    });
  };

  return {
    read: (pointer) => {
      let block = kept.get(pointer.logical);
      if (block) {
        kept.delete(pointer.logical);
        expectPointedTo(block, pointer);
      } else block = load(pointer);
      kept.set(pointer.logical, block);
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
      return block;
    },
  };
}

/**
 * What `read` makes of the first copy that is good.
 *
 * @throws {DiskError} of the first copy when none is
 */
export function firstGood<T>(copies: readonly number[], read: (physical: number) => T): T {
  let failure: DiskError | undefined;
  for (const physical of copies) {
    const result = attemptDisk(() => read(physical));
    if (!(result instanceof DiskError)) return result;
    failure ??= result;
  }
  throw failure ?? new DiskError('corrupt', 'btrfs chunk', 'has no copies');
}
