/** A device by what stays with it: names of one kind can be compared. */
export interface DeviceIdentifier {
  readonly kind: 'uuid' | 'label' | 'partuuid' | 'partlabel' | 'volume';
  /** UUIDs in lower case, volumes as device mapper names them. */
  readonly value: string;
}

/** `/dev/disk/by-uuid/X` and `UUID=X` are one, and so are `/dev/vg/lv` and `/dev/mapper/vg-lv`. */
export function deviceIdentifier(device: string): DeviceIdentifier | undefined {
  const [, link, escaped] = /^\/dev\/disk\/by-(uuid|label|partuuid|partlabel)\/(.+)$/.exec(device) ?? [];
  if (link !== undefined && escaped !== undefined) return tagged(link, unescapeLink(escaped));
  const [, tag, value] = /^(uuid|label|partuuid|partlabel)="?([^"]+)"?$/i.exec(device) ?? [];
  if (tag !== undefined && value !== undefined) return tagged(tag, value);
  const [, group, volume] = /^\/dev\/(?!disk\/|mapper\/|md\/)([^/]+)\/([^/]+)$/.exec(device) ?? [];
  if (group !== undefined && volume !== undefined) return { kind: 'volume', value: mappedName(group, volume) };
  const [, mapped] = /^\/dev\/mapper\/(.+)$/.exec(device) ?? [];
  return mapped === undefined ? undefined : { kind: 'volume', value: mapped };
}

/** Name of a logical volume below /dev/mapper, where a hyphen of a name is doubled (LVM's `dm_build_dm_name`). */
export function mappedName(group: string, volume: string): string {
  return `${group.replaceAll('-', '--')}-${volume.replaceAll('-', '--')}`;
}

function tagged(tag: string, value: string): DeviceIdentifier {
  // The patterns above allow these words only.
  const kind = tag.toLowerCase() as Exclude<DeviceIdentifier['kind'], 'volume'>;
  return { kind, value: kind.endsWith('uuid') ? value.toLowerCase() : value };
}

/** udev writes what cannot stand in the name of a link as `\x20` (`encode_devnode_name` of systemd). */
function unescapeLink(name: string): string {
  if (!name.includes('\\x')) return name;
  const bytes = new TextEncoder().encode(name);
  const decoded: number[] = [];
  for (let index = 0; index < bytes.length; index++) {
    const [, digits] = /^\\x([0-9a-fA-F]{2})/.exec(String.fromCharCode(...bytes.subarray(index, index + 4))) ?? [];
    decoded.push(digits === undefined ? (bytes[index] ?? 0) : Number.parseInt(digits, 16));
    if (digits !== undefined) index += 3;
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(decoded));
}
