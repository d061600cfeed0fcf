import { rawCrc32 } from '../../src/disk/checksums.ts';

const SEED = 0xf597a6cf;
const AREA = 4096;

/** UUID of the physical volume that {@link physicalVolume} makes. */
export const VOLUME_UUID = 'abcdef-0123-4567-89ab-cdef-0123-456789';

export interface PhysicalVolumeOptions {
  /** Bytes of the metadata area, its header of 512 with them. */
  readonly ring?: number;
  /** Where the text begins in the area; it goes on behind the header when it reaches the end. */
  readonly at?: number;
  /** Sector of the label. */
  readonly sector?: number;
  /** Changes the header of the metadata area before its checksum is taken. */
  readonly header?: (header: Buffer) => void;
  /** Changes the label before its checksum is taken. */
  readonly label?: (label: Buffer) => void;
}

/** A physical volume of 1 MiB with one metadata area at byte 4096 and its extents from byte 524288 on. */
export function physicalVolume(text: string, options: PhysicalVolumeOptions = {}): Buffer {
  const { ring = 262_144, at = 512, sector = 1 } = options;
  const bytes = Buffer.alloc(1024 * 1024);
  const metadata = Buffer.from(`${text}\0`, 'latin1');
  const header = bytes.subarray(AREA, AREA + 512);
  header.write(' LVM2 x[5A%r0N*>', 4, 'latin1');
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(AREA), 24);
  header.writeBigUInt64LE(BigInt(ring), 32);
  header.writeBigUInt64LE(BigInt(at), 40);
  header.writeBigUInt64LE(BigInt(metadata.length), 48);
  header.writeUInt32LE(rawCrc32(metadata, SEED), 56);
  options.header?.(header);
  header.writeUInt32LE(rawCrc32(header.subarray(4), SEED), 0);
  metadata.copy(bytes, AREA + at, 0, ring - at);
  if (at + metadata.length > ring) metadata.copy(bytes, AREA + 512, ring - at);

  const label = bytes.subarray(sector * 512, (sector + 1) * 512);
  label.write('LABELONE', 0, 'latin1');
  label.writeBigUInt64LE(BigInt(sector), 8);
  label.writeUInt32LE(32, 20);
  label.write('LVM2 001', 24, 'latin1');
  label.write(VOLUME_UUID.replaceAll('-', ''), 32, 'latin1');
  label.writeBigUInt64LE(BigInt(bytes.length), 64);
  label.writeBigUInt64LE(524_288n, 72);
  label.writeBigUInt64LE(BigInt(AREA), 104);
  label.writeBigUInt64LE(BigInt(ring), 112);
  options.label?.(label);
  label.writeUInt32LE(rawCrc32(label.subarray(20), SEED), 16);
  return bytes;
}

/** Metadata of the group `vg` with one extent of 4 KiB and 128 of them on the only volume. */
export function groupText(logicalVolumes: string, sequenceNumber = 1): string {
  return `vg {
  id = "group0-0000-0000-0000-0000-0000-000000"
  seqno = ${sequenceNumber}
  format = "lvm2" # of the text
  status = ["RESIZEABLE", "READ", "WRITE"]
  flags = []
  extent_size = 8
  max_lv = 0
  max_pv = 0
  physical_volumes {
    pv0 {
      id = "${VOLUME_UUID}"
      device = "/dev/sda3"
      status = ["ALLOCATABLE"]
      flags = []
      pe_start = 1024
      pe_count = 128
    }
  }
  logical_volumes {
${logicalVolumes}
  }
}
contents = "Text Format Volume Group"
version = 1
description = "Write from \\"lvcreate\\"."
creation_time = 99999999999999999999
`;
}

/** One logical volume with the given segments. */
export function volumeText(name: string, ...segments: readonly string[]): string {
  const list = segments.map((segment, index) => `segment${index + 1} { ${segment} }`).join('\n');
  return `${name} { id = "${name}" status = ["READ", "WRITE", "VISIBLE"] flags = [] segment_count = ${segments.length}
${list} }`;
}

/** A linear or striped segment. */
export function segmentText(start: number, count: number, stripes: string, stripeSize = 0): string {
  return `start_extent = ${start} extent_count = ${count} type = "striped" stripe_count = 1
    ${stripeSize === 0 ? '' : `stripe_size = ${stripeSize}`} stripes = [${stripes}]`;
}
