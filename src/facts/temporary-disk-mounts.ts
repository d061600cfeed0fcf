import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { splitMountOptions } from '../formats/fstab.ts';
import { isList } from './cloud-config-value.ts';
import { type CloudConfigValue, cloudInit } from './cloud-init.ts';
import { mountPlan } from './mount-plan.ts';

/** An entry by which the temporary disk is mounted or swapped to. */
export interface TemporaryDiskMount {
  readonly device: string;
  /** Empty for swap. */
  readonly mountPoint: string;
  readonly writtenIn: 'cloud-config' | 'fstab';
  /** A boot on a VM without such a disk goes on: `nofail`, `noauto` or `nobootwait`. */
  readonly mayFail: boolean;
  readonly evidence: Evidence;
}

/** Names of the temporary disk in `mounts`: cloud-init's alias, links, and the kernel's usual name. */
const device =
  /^(?:\/dev\/)?ephemeral0?(?:\.\d+)?$|^\/dev\/disk\/(?:cloud\/azure_resource|azure\/resource)|^(?:\/dev\/)?sdb\d*$/;

/** What cc_mounts.py takes for fields that an entry leaves out. */
const builtInOptions = 'defaults,nofail';

/** Entries for the temporary disk in cloud-init's `mounts`, which go to fstab on the first boot, and in fstab itself. */
export const temporaryDiskMounts = defineFact<readonly TemporaryDiskMount[]>({
  id: 'temporary-disk-mounts',
  description: 'Entries that mount the temporary disk, and whether a boot goes on without the disk.',
  reads: ['/etc/cloud/cloud.cfg', '/etc/cloud/cloud.cfg.d/*.cfg', '/etc/fstab'],
  async compute(context) {
    const { config, installed } = await context.get(cloudInit);
    const { mounts } = await context.get(mountPlan);
    const fields = config.get('mount_default_fields');
    const defaults = isList(fields) ? textOf(fields[3]) : undefined;
    const entries = installed ? config.get('mounts') : undefined;
    const place = config.origin('mounts');
    const ofCloudInit = (isList(entries) ? entries : []).flatMap((entry): TemporaryDiskMount[] => {
      if (!isList(entry) || !place) return [];
      const [name, mountPoint, type, options] = entry.map(textOf);
      if (name === undefined || mountPoint === undefined || !device.test(name)) return [];
      const isSwap = type === 'swap' || mountPoint === 'none' || mountPoint === 'swap';
      return [
        {
          device: name,
          mountPoint: isSwap ? '' : mountPoint,
          writtenIn: 'cloud-config',
          mayFail: goesOnWithout(options ?? defaults ?? builtInOptions),
          evidence: place,
        },
      ];
    });
    const ofTable = mounts
      .filter(({ deviceKind, startsAtBoot }) => deviceKind === 'temporary-disk' && startsAtBoot)
      .map(({ device: name, mountPoint, mayFail, evidence }) => ({
        device: name,
        mountPoint,
        writtenIn: 'fstab' as const,
        mayFail,
        evidence,
      }));
    return [...ofCloudInit, ...ofTable];
  },
});

function goesOnWithout(options: string): boolean {
  return splitMountOptions(options).some((option) => /^(?:nofail|noauto|nobootwait)$/.test(option));
}

function textOf(value: CloudConfigValue | undefined): string | undefined {
  return value === null || value === undefined || typeof value === 'object' ? undefined : String(value);
}
