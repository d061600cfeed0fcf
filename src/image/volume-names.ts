import type { Disk } from '../disk/disk.ts';
import type { Volume } from '../disk/volume.ts';
import { type DeviceIdentifier, deviceIdentifier, mappedName } from '../formats/device-identifier.ts';
import { deviceKind } from '../formats/device-kind.ts';

/** What the first field of an fstab entry leads to. */
export type NamedVolume =
  | { readonly kind: 'volume'; readonly volume: Volume }
  /** It belongs to this disk, or may, and is not there. */
  | { readonly kind: 'missing' }
  /** It is on no disk, or on another one: network, tmpfs, DVD, the temporary disk. Or the name says nothing. */
  | { readonly kind: 'elsewhere' };

/** First disk of each driver, and the partition of it. */
const firstDisk = /^\/dev\/(?:(?:sd|hd|vd|xvd)a|nvme0n1p|mmcblk0p)(\d+)$/;
/** Links that the udev rules of the agent and of azure-vm-utils make for partitions of the OS disk. */
const azureRoot = /^\/dev\/disk\/(?:azure\/(?:root|os)|cloud\/azure_root)-part(\d+)$/;
const azureOther = /^\/dev\/disk\/azure\/(?:scsi\d|data|local|resource|nvme)|^\/dev\/disk\/cloud\/azure_resource/;

/** Finds the volume that a device name of the image means, as udev and device mapper would name it. */
export function namedVolume(
  disk: Pick<Disk, 'volumes'>,
  device: string,
  type = '',
  options: readonly string[] = [],
): NamedVolume {
  const kind = deviceKind(device, type, options);
  if (['network', 'removable', 'virtual', 'shared-folder', 'temporary-disk', 'file'].includes(kind))
    return { kind: 'elsewhere' };
  if (device === '/dev/root') return { kind: 'elsewhere' };
  const [, number] = firstDisk.exec(device) ?? azureRoot.exec(device) ?? [];
  if (number !== undefined) return found(disk.volumes.find(({ id }) => id === `p${Number(number)}`));
  if (kind === 'kernel-name' || azureOther.test(device)) return { kind: 'elsewhere' };
  const identifier = deviceIdentifier(device);
  return found(identifier && disk.volumes.find((volume) => answersTo(volume, identifier)));
}

function found(volume: Volume | undefined): NamedVolume {
  return volume ? { kind: 'volume', volume } : { kind: 'missing' };
}

function answersTo(volume: Volume, { kind, value }: DeviceIdentifier): boolean {
  switch (kind) {
    case 'partuuid':
      return volume.partition?.partUuid?.toLowerCase() === value;
    case 'partlabel':
      return volume.partition?.label === value;
    case 'volume':
      return volume.logicalVolume !== undefined && nameOf(volume.logicalVolume) === value;
    case 'uuid':
      return identityOf(volume).uuid?.toLowerCase() === value;
    case 'label':
      return identityOf(volume).label === value;
  }
}

function nameOf({ group, name }: { readonly group: string; readonly name: string }): string {
  return mappedName(group, name);
}

/** UUID and label of what the volume holds. */
export function identityOf({ content }: Volume): {
  readonly uuid: string | undefined;
  readonly label: string | undefined;
} {
  switch (content.kind) {
    case 'file-system':
      return { uuid: content.fileSystem.uuid, label: content.fileSystem.label };
    case 'swap':
      return { uuid: content.uuid, label: content.label };
    case 'foreign':
      return { uuid: content.uuid, label: content.label };
    default:
      return { uuid: undefined, label: undefined };
  }
}
