import { defineFact } from '../../engine/define.ts';
import { mountPlan } from '../mount-plan.ts';
import { type DiskVolume, diskLayout } from './disk-layout.ts';
import { DISK } from './places.ts';

export interface SwapPartitions {
  /** Swap areas and partitions of that type that nothing of the image's configuration names. */
  readonly unused: readonly DiskVolume[];
  /** Device names of swap, as written, that no volume of the disk answers. */
  readonly missing: readonly string[];
}

const types: ReadonlySet<string> = new Set(['0657fd6d-a4ab-43c4-84e5-0933c84b4f4f', '0x82']);

/** Swap on the disk by type and signature, beside what fstab and units say; undefined when the target is no disk. */
export const swapPartitions = defineFact<SwapPartitions | undefined>({
  id: 'swap-partitions',
  description: 'Partitions and logical volumes of the disk that are swap, by type or content.',
  reads: [DISK],
  async compute(context) {
    const layout = await context.get(diskLayout);
    if (!layout) return undefined;
    const { mounts } = await context.get(mountPlan);
    const named = mounts
      .filter(({ isSwap, startsAtBoot }) => isSwap && startsAtBoot)
      .map(({ device }) => ({ device, found: layout.find(device, { type: 'swap' }) }));
    const used = named.flatMap(({ found }) => (found.kind === 'volume' ? [found.volume.id] : []));
    const isSwap = ({ content, partition }: DiskVolume) => content.kind === 'swap' || types.has(partition?.type ?? '');
    return {
      unused: layout.volumes.filter((volume) => isSwap(volume) && !used.includes(volume.id)),
      // A name without the hyphen of a logical volume is one that crypttab gives.
      missing: named.flatMap(({ device, found }) =>
        found.kind === 'missing' && !/^\/dev\/mapper\/[^-]*$/.test(device) ? [device] : [],
      ),
    };
  },
});
