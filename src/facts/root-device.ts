import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { kernelCommandLine } from './kernel-command-line.ts';
import { mountPlan } from './mount-plan.ts';

/** A device by what stays with it: names of one kind can be compared. */
export interface DeviceIdentifier {
  readonly kind: 'uuid' | 'label' | 'partuuid' | 'partlabel' | 'volume';
  /** UUIDs in lower case, volumes as device mapper names them. */
  readonly value: string;
}

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
}

/** How fstab and the default boot entries name the root file system. */
export const rootDevice = defineFact<RootDevice>({
  id: 'root-device',
  description: 'The device of / by fstab, and root= of the default boot entries.',
  reads: ['/etc/fstab', ...kernelCommandLine.reads],
  async compute(context) {
    const { mounts } = await context.get(mountPlan);
    const { defaults } = await context.get(kernelCommandLine);
    const root = mounts.find(({ mountPoint }) => mountPoint === '/');
    const byBootEntries = defaults.flatMap(({ parameters, evidence }) => {
      const device = parameters.findLast(({ name }) => name === 'root')?.value;
      return device === undefined ? [] : [named(device, evidence)];
    });
    return { ...(root && { byTable: named(root.device, root.evidence) }), byBootEntries };
  },
});

function named(device: string, evidence: Evidence): NamedRoot {
  const identifier = deviceIdentifier(device);
  return { device, ...(identifier && { identifier }), evidence };
}

/** `/dev/disk/by-uuid/X` and `UUID=X` are one, and so are `/dev/vg/lv` and `/dev/mapper/vg-lv`. */
export function deviceIdentifier(device: string): DeviceIdentifier | undefined {
  const [, tag, value] =
    /^\/dev\/disk\/by-(uuid|label|partuuid|partlabel)\/(.+)$/.exec(device) ??
    /^(uuid|label|partuuid|partlabel)="?([^"]+)"?$/i.exec(device) ??
    [];
  if (tag !== undefined && value !== undefined) {
    // The pattern allows these words only.
    const kind = tag.toLowerCase() as Exclude<DeviceIdentifier['kind'], 'volume'>;
    return { kind, value: kind.endsWith('uuid') ? value.toLowerCase() : value };
  }
  const [, group, volume] = /^\/dev\/(?!disk\/|mapper\/|md\/)([^/]+)\/([^/]+)$/.exec(device) ?? [];
  if (group !== undefined && volume !== undefined) {
    return { kind: 'volume', value: `${group.replaceAll('-', '--')}-${volume.replaceAll('-', '--')}` };
  }
  const [, mapped] = /^\/dev\/mapper\/(.+)$/.exec(device) ?? [];
  return mapped === undefined ? undefined : { kind: 'volume', value: mapped };
}
