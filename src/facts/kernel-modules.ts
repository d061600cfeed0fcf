import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { type BootKernel, bootKernels } from './boot-kernels.ts';
import { readConfiguration } from './kernel-modules/configuration.ts';
import { readModuleTree } from './kernel-modules/tree.ts';

/** How a kernel has a driver: in itself, as a file that can be loaded, or not at all. */
export type DriverState = 'builtin' | 'module' | 'absent' | 'unknown';

export interface Driver {
  /** With underscores, as the kernel shows it. */
  readonly name: string;
  readonly state: DriverState;
  /** Why it is absent or unknown, as a statement; a file of modules.dep that is not there counts as absent. */
  readonly lack?: string;
  /** Names of the modules that have to load before it, without those that are built in. */
  readonly needs: readonly string[];
  readonly evidence: readonly Evidence[];
}

export interface ConfigurationOption {
  /** `y`, `m`, `n`, a number or a text. */
  readonly value: string;
  readonly evidence: Evidence;
}

/** Drivers and build options of one kernel. */
export interface KernelDrivers {
  readonly kernel: BootKernel;
  readonly release: string;
  /** File with the build options; undefined when the image has none. */
  readonly configuration?: string;
  /** An option without `CONFIG_`; one that the kernel does not have is undefined, as are all without a configuration. */
  option(name: string): ConfigurationOption | undefined;
  /**
   * Looks a driver up by the name of its module, hyphens and underscores alike.
   * @param option The build option that makes it, for what no index of modules lists.
   */
  driver(module: string, option?: string): Driver;
}

export interface KernelModules {
  /** One for each kernel that may boot by default, has a known release and a list of its modules. */
  readonly kernels: readonly KernelDrivers[];
  /** Set when there is none: what a rule about drivers has to answer then. */
  readonly gap?: { readonly outcome: 'not-applicable' | 'unknown'; readonly reason: string };
}

/** Drivers of the kernels that boot by default. */
export const kernelModules = defineFact<KernelModules>({
  id: 'kernel-modules',
  description:
    'Which drivers the kernels of the default boot entries have, built in or as modules, and their build options.',
  reads: [
    '/usr/lib/modules/*/{modules.dep,modules.builtin,config}',
    '/boot/config-*',
    '/usr/boot/config-*',
    ...bootKernels.reads,
  ],
  async compute(context) {
    const { rootFs } = context;
    const { kernels } = await context.get(bootKernels);
    if (kernels.length === 0)
      return none('not-applicable', 'no kernel is in this root, which boot/kernel-files judges');
    const known = kernels.filter((kernel) => kernel.release !== undefined);
    const [nameless] = kernels;
    if (known.length === 0)
      return none(
        'unknown',
        `${nameless?.image ?? nameless?.evidence.path}: the release of this kernel cannot be told`,
      );
    const found = known.flatMap((kernel): KernelDrivers[] => {
      const release = kernel.release ?? '';
      const tree = kernel.modules === undefined ? undefined : readModuleTree(rootFs, kernel.modules);
      const configuration = readConfiguration(rootFs, release);
      if (!tree) return [];
      const option: KernelDrivers['option'] = (name) => configuration?.option(name);
      return [
        {
          kernel,
          release,
          ...(configuration && { configuration: configuration.path }),
          option,
          driver: (module, name) => tree.driver(module, name === undefined ? undefined : option(name)),
        },
      ];
    });
    if (found.length > 0) return { kernels: found };
    return none('not-applicable', `kernel/module-tree judges that kernel ${known[0]?.release} has no modules`);
  },
});

function none(outcome: 'not-applicable' | 'unknown', reason: string): KernelModules {
  return { kernels: [], gap: { outcome, reason } };
}
