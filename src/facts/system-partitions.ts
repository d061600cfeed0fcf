import { defineFact } from '../engine/define.ts';
import type { RootFs } from '../image/root-fs.ts';
import { kernelCommandLine } from './kernel-command-line.ts';
import { mountPlan } from './mount-plan.ts';

export interface SystemPartitions {
  /** Where systemd-gpt-auto-generator would mount the EFI system partition by its partition type; undefined for nowhere. */
  readonly automaticEspMountPoint?: string;
}

const generators = [
  '/usr/lib/systemd/system-generators/systemd-gpt-auto-generator',
  '/lib/systemd/system-generators/systemd-gpt-auto-generator',
];

/** Partitions that systemd finds by their type, as far as the root shows it (`add_partition_esp` of gpt-auto-generator.c). */
export const systemPartitions = defineFact<SystemPartitions>({
  id: 'system-partitions',
  description: 'Where systemd would mount the EFI system partition without any configuration.',
  reads: [...generators, '/efi', '/boot'],
  async compute(context) {
    const { rootFs } = context;
    const { mounts } = await context.get(mountPlan);
    const { defaults } = await context.get(kernelCommandLine);
    const isOff = defaults.some(({ parameters }) =>
      parameters.some(
        ({ name, value }) => /^(?:rd\.)?systemd\.gpt_auto$/.test(name) && /^(?:0|no|false|off)$/i.test(value ?? ''),
      ),
    );
    if (isOff || !generators.some((path) => rootFs.stat(path) !== undefined)) return {};
    const free = (path: string) =>
      !mounts.some(({ mountPoint }) => mountPoint === path) && isEmptyDirectory(rootFs, path);
    const mountPoint = ['/efi', '/boot'].find(free);
    return mountPoint === undefined ? {} : { automaticEspMountPoint: mountPoint };
  },
});

function isEmptyDirectory(rootFs: RootFs, path: string): boolean {
  return rootFs.stat(path)?.type === 'directory' && (rootFs.readDir(path) ?? []).length === 0;
}
