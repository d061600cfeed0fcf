import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { type DeviceKind, deviceKind, volumeGroup } from '../formats/device-kind.ts';
import { splitMountOptions } from '../formats/fstab.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import { type FileSystemTableEntry, fileSystemTable } from './file-system-table.ts';
import { isKnownFileSystem } from './mount-plan/file-system-types.ts';
import { type UnitFiles, unitFiles } from './unit-files.ts';

export type { DeviceKind } from '../formats/device-kind.ts';

/** A file system or swap area that the image's configuration names. */
export interface PlannedMount {
  readonly device: string;
  readonly deviceKind: DeviceKind;
  /** Volume group of LVM that holds it, going by the name. */
  readonly volumeGroup?: string;
  /** Empty for swap. */
  readonly mountPoint: string;
  readonly type: string;
  /** Neither a kernel nor a helper mount.TYPE of this image knows the type. */
  readonly hasUnknownType: boolean;
  readonly options: readonly string[];
  readonly isSwap: boolean;
  /** A boot uses it, waiting for its device. */
  readonly startsAtBoot: boolean;
  /**
   * Without the device the boot ends in the emergency shell: a mandatory part of local-fs.target. What network targets
   * or swap.target want only delays the boot.
   */
  readonly stopsBoot: boolean;
  /** The entry says that it may fail: `nofail`, `noauto`, `nobootwait`, or a unit that is only wanted. */
  readonly mayFail: boolean;
  readonly writtenIn: 'fstab' | 'unit';
  readonly evidence: Evidence;
}

export interface MountPlan {
  readonly mounts: readonly PlannedMount[];
  readonly unread: readonly CouldNotRead[];
}

/** What a boot mounts and swaps to: fstab as systemd-fstab-generator reads it, and native mount and swap units. */
export const mountPlan = defineFact<MountPlan>({
  id: 'mount-plan',
  description: 'File systems and swap areas of fstab and of mount and swap units, and what the boot does without them.',
  reads: ['/etc/fstab', '/{etc,usr/lib}/systemd/system/*.{mount,swap}'],
  async compute(context) {
    const { rootFs } = context;
    const { entries } = await context.get(fileSystemTable);
    const units = await context.get(unitFiles);
    const named = attempt(() => unitMounts(units));
    const isUnknown = (type: string): boolean =>
      !isKnownFileSystem(type) &&
      ['/sbin', '/usr/sbin', '/usr/bin'].every((folder) => rootFs.stat(`${folder}/mount.${type}`) === undefined);
    const mounts = [...entries.map(tableMount), ...(isCouldNotRead(named) ? [] : named)];
    return {
      mounts: mounts.map((mount) => ({ ...mount, hasUnknownType: isUnknown(mount.type) })),
      unread: isCouldNotRead(named) ? [named] : [],
    };
  },
});

type Described = Omit<PlannedMount, 'hasUnknownType'>;

function tableMount({ device, mountPoint, type, options, evidence }: FileSystemTableEntry): Described {
  const isSwap = type === 'swap';
  const kind = deviceKind(device, type, options);
  const has = (name: string) => options.includes(name);
  const mayFail = has('nofail') || has('noauto') || has('nobootwait');
  // An automount point waits for nothing until somebody looks into it.
  const startsAtBoot = !has('noauto') && !has('x-systemd.automount') && !has('comment=systemd.automount');
  const isLocal = !isSwap && kind !== 'network' && !has('_netdev') && mountPoint.startsWith('/');
  return describe({
    device,
    kind,
    mountPoint: isSwap ? '' : mountPoint,
    type,
    options,
    isSwap,
    startsAtBoot,
    mayFail,
    stopsBoot: startsAtBoot && !mayFail && isLocal && type !== 'ignore',
    writtenIn: 'fstab',
    evidence,
  });
}

function describe(mount: Omit<Described, 'deviceKind' | 'volumeGroup'> & { readonly kind: DeviceKind }): Described {
  const { kind, ...rest } = mount;
  const group = volumeGroup(mount.device);
  return { ...rest, deviceKind: kind, ...(group !== undefined && { volumeGroup: group }) };
}

function unitMounts(units: UnitFiles): readonly Described[] {
  return units.names
    .filter((name) => /\.(?:mount|swap)$/.test(name))
    .flatMap((name): Described[] => {
      const isSwap = name.endsWith('.swap');
      const settings = units.settings(name);
      const value = (key: string) =>
        settings.findLast((setting) => setting.section === (isSwap ? 'Swap' : 'Mount') && setting.key === key);
      const what = value('What');
      if (what === undefined) return [];
      const type = value('Type')?.value ?? (isSwap ? 'swap' : 'auto');
      const options = splitMountOptions(value('Options')?.value ?? '');
      const { startsAtBoot, evidence } = units.state(name);
      const kind = deviceKind(what.value, type, options);
      const isRequired = evidence.some(({ path }) => /\/local-fs\.target\.(?:requires|upholds)\//.test(path));
      return [
        describe({
          device: what.value,
          kind,
          mountPoint: isSwap ? '' : (value('Where')?.value ?? ''),
          type,
          options,
          isSwap,
          startsAtBoot,
          mayFail: !isRequired,
          stopsBoot: startsAtBoot && isRequired,
          writtenIn: 'unit',
          evidence: what.evidence,
        }),
      ];
    });
}
