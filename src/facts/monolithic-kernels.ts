import { defineFact } from '../engine/define.ts';
import { bootKernels } from './boot-kernels.ts';
import { readConfiguration } from './kernel-modules/configuration.ts';

/** Releases of the boot kernels that were built without loadable modules (`CONFIG_MODULES`), by their build options. */
export const monolithicKernels = defineFact<readonly string[]>({
  id: 'monolithic-kernels',
  description: 'Boot kernels without a module tree whose build options say that they load no modules.',
  reads: ['/boot/config-*', '/usr/boot/config-*', ...bootKernels.reads],
  async compute(context) {
    const { kernels } = await context.get(bootKernels);
    return kernels.flatMap(({ release, modules }) => {
      if (release === undefined || modules !== undefined) return [];
      return readConfiguration(context.rootFs, release)?.option('MODULES')?.value === 'n' ? [release] : [];
    });
  },
});
