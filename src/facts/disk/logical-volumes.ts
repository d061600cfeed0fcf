import type { BootEntry } from '../kernel-command-line.ts';
import type { DiskLayout, DiskVolume } from './disk-layout.ts';

/** One volume of LVM in its three spellings: VG/LV, /dev/VG/LV, /dev/mapper/VG-LV with hyphens doubled. */
export function mappedVolumeName(device: string): string {
  const [, group, volume] = /^(?:\/dev\/)?(?!mapper\/|disk\/)([^/]+)\/([^/]+)$/.exec(device) ?? [];
  if (group === undefined || volume === undefined) return device.replace(/^\/dev\/mapper\//, '').toLowerCase();
  return `${group.replaceAll('-', '--')}-${volume.replaceAll('-', '--')}`.toLowerCase();
}

export function logicalVolumeNamed(name: string, { volumes }: DiskLayout): DiskVolume | undefined {
  return volumes.find(
    ({ logicalVolume: lv }) => lv && mappedVolumeName(`${lv.group}/${lv.name}`) === mappedVolumeName(name),
  );
}

/** Volumes that the boot waits for and that only a volume which nobody can look into can hold. */
export function hiddenVolumes(entries: readonly BootEntry[], layout: DiskLayout): string[] {
  if (layout.closed.length === 0) return [];
  const named = entries.flatMap(({ parameters }) => parameters.filter(({ name }) => name === 'rd.lvm.lv'));
  const names = new Set(named.flatMap(({ value }) => value ?? []));
  return [...names].filter((value) => !logicalVolumeNamed(value, layout));
}
