import { defineFact, type Fact, type FactContext } from '../engine/define.ts';
import { packedModules } from '../formats/initramfs.ts';
import { parseModulesDep } from '../formats/module-index.ts';
import { type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import { bootKernels } from './boot-kernels.ts';
import { openInitramfs } from './initramfs/open.ts';
import { type KernelDrivers, kernelModules } from './kernel-modules.ts';
import { blocksIn, type ModprobeBlock } from './modprobe-rules.ts';

/** What lies in the initramfs of a kernel. */
export interface Initramfs {
  /** The files that it consists of. */
  readonly paths: readonly string[];
  /** Paths of all members. */
  readonly files: ReadonlySet<string>;
  /** Modules of the kernel's release that are really packed, by name with underscores. */
  readonly modules: ReadonlySet<string>;
  /** Names that modules.dep in it lists, packed or not: all that some tests look at. */
  readonly listedModules: ReadonlySet<string>;
  /** What its own modprobe.d keeps from loading; the path of the evidence is that of the initramfs. */
  readonly blocks: readonly ModprobeBlock[];
  /** Seconds since 1970-01-01 UTC. */
  readonly mtime: number;
}

/** Why there is nothing to say about an initramfs. */
export type UnopenedInitramfs =
  /** All drivers in question are built into the kernel, so nothing depends on it. */
  | 'not-needed'
  /** The kernel boots without one, or it is not there. */
  | 'none';

export interface KernelInitramfs {
  readonly drivers: KernelDrivers;
  readonly content: Initramfs | UnopenedInitramfs | CouldNotRead;
}

/** Opens nothing until it is asked to, and each initramfs once; several facts share it. */
const contents = defineFact<{
  readonly of: (drivers: KernelDrivers) => Promise<Initramfs | UnopenedInitramfs | CouldNotRead>;
}>({
  id: 'initramfs-contents',
  description: 'What lies in each initramfs.',
  reads: bootKernels.reads,
  compute(context) {
    const opened = new Map<string, Promise<Initramfs | CouldNotRead>>();
    return {
      of: async (drivers) => {
        if (drivers.kernel.initramfs.length === 0) return 'none';
        const known = opened.get(drivers.release) ?? open(context, drivers);
        opened.set(drivers.release, known);
        return known;
      },
    };
  },
});

/** The initramfs of each default kernel that cannot reach its disk on Hyper-V without one. */
export const initramfs = whenModules('initramfs', 'Hyper-V storage', [
  ['hv_vmbus', 'HYPERV'],
  ['hv_storvsc', 'HYPERV_STORAGE'],
]);

/** The initramfs of each default kernel that cannot reach an NVMe disk without one. */
export const nvmeInitramfs = whenModules('nvme-initramfs', 'NVMe', [
  ['nvme', 'BLK_DEV_NVME'],
  ['nvme_core', 'NVME_CORE'],
  ['pci_hyperv', 'PCI_HYPERV'],
]);

function whenModules(
  id: string,
  subject: string,
  needed: readonly (readonly [module: string, option: string])[],
): Fact<readonly KernelInitramfs[]> {
  return defineFact<readonly KernelInitramfs[]>({
    id,
    description: `Files and modules in the initramfs of each default kernel, opened only where ${subject} drivers are modules.`,
    reads: bootKernels.reads,
    async compute(context) {
      const { kernels } = await context.get(kernelModules);
      const { of } = await context.get(contents);
      const results: KernelInitramfs[] = [];
      for (const drivers of kernels) {
        const isNeeded = needed.some(([module, option]) => drivers.driver(module, option).state === 'module');
        results.push({ drivers, content: isNeeded ? await of(drivers) : 'not-needed' });
      }
      return results;
    },
  });
}

async function open(
  { rootFs, host }: FactContext,
  { kernel, release }: KernelDrivers,
): Promise<Initramfs | CouldNotRead> {
  try {
    const members = [];
    for (const part of kernel.initramfs) members.push(...(await openInitramfs(rootFs, host, part)));
    const paths = kernel.initramfs.map(({ path }) => path);
    const decoder = new TextDecoder();
    const configured = members.filter(({ path, content }) => content && /modprobe\.d\//.test(path));
    const index = members.find(({ path, content }) => content && path.endsWith(`/${release}/modules.dep`));
    return {
      paths,
      files: new Set(members.map(({ path }) => path)),
      modules: new Set(packedModules(members).flatMap((found) => (found.release === release ? found.name : []))),
      listedModules: new Set(parseModulesDep(decoder.decode(index?.content)).keys()),
      blocks: configured.flatMap(({ path, content }) =>
        blocksIn(path, decoder.decode(content)).map((block) => ({
          ...block,
          onlyInInitramfs: true as const,
          evidence: { path: paths[0] ?? '/boot', text: `${path}: ${block.evidence.text ?? ''}` },
        })),
      ),
      mtime: Math.max(...paths.map((path) => rootFs.stat(path)?.mtime ?? 0)),
    };
  } catch (error) {
    if (isCouldNotRead(error)) return error;
    throw error;
  }
}
