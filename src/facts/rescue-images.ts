import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';

/** Kernel and initramfs for rescue, which dracut names after the machine that it ran on. */
export const rescueImages = defineFact<readonly Evidence[]>({
  id: 'rescue-images',
  description: 'Kernels, initramfs images and boot entries of dracut’s rescue configuration.',
  reads: ['/boot/*0-rescue*', '/boot/loader/entries/*0-rescue*'],
  compute: ({ rootFs }) =>
    ['/boot', '/boot/loader/entries'].flatMap((folder) =>
      (rootFs.readDir(folder) ?? [])
        .filter(({ name }) => /(?:^|-)0-rescue/.test(name))
        .map(({ name }) => ({ path: `${folder}/${name}` })),
    ),
});
