import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { type DeviceIdentifier, deviceIdentifier } from '../formats/device-identifier.ts';
import { type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import { kernelCommandLine } from './kernel-command-line.ts';
import { mountPlan } from './mount-plan.ts';
import { tryGet } from './try-get.ts';

/** The root file system as one place names it. */
export interface NamedRoot {
  /** As written. */
  readonly device: string;
  /** Undefined for a kernel name and the like. */
  readonly identifier?: DeviceIdentifier;
  readonly evidence: Evidence;
}

export interface RootDevice {
  /** Undefined when nothing but the kernel command line names it. */
  readonly byTable?: NamedRoot;
  /** `root=` of each boot entry that may boot by default. */
  readonly byBootEntries: readonly NamedRoot[];
  /** Why boot entries are missing here. */
  readonly unread: readonly CouldNotRead[];
}

/** How fstab and the default boot entries name the root file system. */
export const rootDevice = defineFact<RootDevice>({
  id: 'root-device',
  description: 'The device of / by fstab, and root= of the default boot entries.',
  reads: ['/etc/fstab', ...kernelCommandLine.reads],
  async compute(context) {
    const { mounts } = await context.get(mountPlan);
    const commandLine = await tryGet(context, kernelCommandLine);
    const defaults = isCouldNotRead(commandLine) ? [] : commandLine.defaults;
    const root = mounts.find(({ mountPoint }) => mountPoint === '/');
    const byBootEntries = defaults.flatMap(({ parameters, evidence }) => {
      const device = parameters.findLast(({ name }) => name === 'root')?.value;
      return device === undefined ? [] : [named(device, evidence)];
    });
    return {
      ...(root && { byTable: named(root.device, root.evidence) }),
      byBootEntries,
      unread: isCouldNotRead(commandLine) ? [commandLine] : [],
    };
  },
});

function named(device: string, evidence: Evidence): NamedRoot {
  const identifier = deviceIdentifier(device);
  return { device, ...(identifier && { identifier }), evidence };
}
