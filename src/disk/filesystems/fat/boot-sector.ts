import type { BlockDevice } from '../../block-device.ts';
import { hasMagic, viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';

/** Width of an entry of the file allocation table, in bits. */
export type FatWidth = 12 | 16 | 32;

/** The parameters of a FAT volume. Places and lengths are bytes from the start of the volume. */
export interface BootSector {
  /** Where the copy that was read stands. */
  readonly offset: number;
  readonly width: FatWidth;
  readonly sectorSize: number;
  readonly clusterSize: number;
  /** What the volume claims to have. */
  readonly size: number;
  readonly fatOffset: number;
  /** Of one file allocation table. */
  readonly fatSize: number;
  readonly fatCount: number;
  /** FAT12 and FAT16: the root directory, which lies outside the clusters. */
  readonly rootOffset: number;
  readonly rootSize: number;
  /** Start of cluster 2. */
  readonly dataOffset: number;
  /** Clusters are numbered from 2 to one below this. */
  readonly clusterEnd: number;
  /** FAT32: first cluster of the root directory, else 0. */
  readonly rootCluster: number;
  /** FAT32: the sector with counts of free clusters. */
  readonly infoOffset: number | undefined;
  /** FAT32: the copy of this sector. */
  readonly backupOffset: number | undefined;
  /** FAT32: number of the only table in use when the tables are not mirrored. */
  readonly activeFat: number | undefined;
  readonly media: number;
  readonly volumeId: number | undefined;
  /** State bits: {@link stateBits}. */
  readonly state: number;
}

/** `FAT_STATE_DIRTY` of the kernel, and the bit beside it that Windows sets after an error of the medium. */
export const stateBits = { dirty: 1, surfaceTest: 2 } as const;

const SECTOR = 512;
/** Largest numbers of clusters: `MAX_FAT12`, `MAX_FAT16` and `MAX_FAT32` of fs/fat/fat.h. */
const mostClusters: Readonly<Record<FatWidth, number>> = { 12: 0xff4, 16: 0xfff4, 32: 0x0ffffff6 };
/** A boot sector that has the fields behind it: without and with label. */
const EXTENDED_SIGNATURES = [0x28, 0x29];

type Layout = Omit<BootSector, 'offset'>;

/**
 * Reads the parameters by the checks of `fat_read_bpb` and `fat_fill_super` (Linux, fs/fat/inode.c): a volume that is
 * accepted here can be mounted.
 *
 * @throws {DiskError} that names the field that is wrong
 */
export function parseBootSector(sector: Uint8Array, offset: number): BootSector {
  const layout = layoutOf(sector);
  if (typeof layout === 'string') throw new DiskError('corrupt', 'FAT boot sector', layout, offset);
  return { ...layout, offset };
}

/** The parameters, or what is wrong with them. */
function layoutOf(sector: Uint8Array): Layout | string {
  const view = viewOf(sector);
  const sectorSize = view.getUint16(11, true);
  const sectorsPerCluster = view.getUint8(13);
  const reserved = view.getUint16(14, true);
  const fatCount = view.getUint8(16);
  const rootEntries = view.getUint16(17, true);
  const media = view.getUint8(21);
  const shortLength = view.getUint16(22, true);
  const fatLength = shortLength || view.getUint32(36, true);
  if (!isPowerOfTwo(sectorSize) || sectorSize < 512 || sectorSize > 4096) return `has sectors of ${sectorSize} bytes`;
  if (!isPowerOfTwo(sectorsPerCluster)) return `has clusters of ${sectorsPerCluster} sectors`;
  if (reserved === 0) return 'has no reserved sectors, not even itself';
  if (fatCount === 0) return 'has no file allocation table';
  if (media < 0xf8 && media !== 0xf0) return `has the media descriptor 0x${media.toString(16)}`;
  if (fatLength === 0) return 'has a file allocation table of no sectors';
  if (rootEntries % (sectorSize / 32) !== 0) return `has a root directory of ${rootEntries} entries, no whole sectors`;

  const isFat32 = shortLength === 0;
  const totalSectors = view.getUint16(19, true) || view.getUint32(32, true);
  const rootSector = reserved + fatCount * fatLength;
  const dataSector = rootSector + (rootEntries * 32) / sectorSize;
  if (totalSectors < dataSector) return `has ${totalSectors} sectors, fewer than its own tables take up`;
  const claimedClusters = Math.floor((totalSectors - dataSector) / sectorsPerCluster);
  const width: FatWidth = isFat32 ? 32 : claimedClusters > mostClusters[12] ? 16 : 12;
  const fatSize = fatLength * sectorSize;
  // As the kernel does: clusters that the table has no room for do not exist.
  const clusters = Math.min(claimedClusters, Math.floor((fatSize * 8) / width) - 2);
  if (clusters > mostClusters[width]) return `has ${clusters} clusters, too many for FAT${width}`;
  const clusterEnd = Math.max(clusters, 0) + 2;
  const rootCluster = isFat32 ? view.getUint32(44, true) : 0;
  if (isFat32 && (rootCluster < 2 || rootCluster >= clusterEnd))
    return `has its root directory in cluster ${rootCluster} of ${clusterEnd - 2}`;

  const extension = isFat32 ? 64 : 36;
  const flags = isFat32 ? view.getUint16(40, true) : 0;
  const sectorOffset = (number: number) =>
    isFat32 && number > 0 && number < reserved ? number * sectorSize : undefined;
  return {
    width,
    sectorSize,
    clusterSize: sectorsPerCluster * sectorSize,
    size: totalSectors * sectorSize,
    fatOffset: reserved * sectorSize,
    fatSize,
    fatCount,
    rootOffset: rootSector * sectorSize,
    rootSize: rootEntries * 32,
    dataOffset: dataSector * sectorSize,
    clusterEnd,
    rootCluster,
    infoOffset: sectorOffset(view.getUint16(48, true) || 1),
    backupOffset: sectorOffset(view.getUint16(50, true)),
    activeFat: flags & 0x80 ? flags & 0x0f : undefined,
    media,
    volumeId: EXTENDED_SIGNATURES.includes(view.getUint8(extension + 2))
      ? view.getUint32(extension + 3, true)
      : undefined,
    state: view.getUint8(extension + 1),
  };
}

/**
 * Where a usable boot sector of a FAT stands: at the start, or where FAT32 keeps its copy when the first is lost;
 * undefined when the volume is no FAT.
 */
export function findBootSector(device: BlockDevice): number | undefined {
  if (device.size < SECTOR) return undefined;
  const first = device.read(0, SECTOR);
  if (isPartitionTable(first)) return undefined;
  if (isBootSector(first)) return 0;
  return [512, 4096].map((sectorSize) => 6 * sectorSize).find((offset) => isBackup(device, offset));
}

/**
 * libblkid's own test (superblocks/vfat.c): parameters that make sense, and a sign that they are meant: the name of the
 * format, or a jump and the signature. OS/2 left such parameters in front of JFS and HPFS too.
 */
function isBootSector(sector: Uint8Array): boolean {
  if (typeof layoutOf(sector) === 'string') return false;
  if (hasFormatName(sector)) return true;
  const isSigned = sector[510] === 0x55 && sector[511] === 0xaa;
  return isSigned && !['JFS     ', 'HPFS    '].some((name) => hasMagic(sector, 54, name));
}

function hasFormatName(sector: Uint8Array): boolean {
  return (
    ['MSWIN', 'FAT32   '].some((name) => hasMagic(sector, 82, name)) ||
    ['MSDOS', 'FAT16   ', 'FAT12   ', 'FAT     '].some((name) => hasMagic(sector, 54, name))
  );
}

/**
 * A master boot record with partitions beyond itself. Where the disk had a FAT before it was partitioned, the
 * parameters of that FAT are still in front of the table, and its copy may be there too.
 */
function isPartitionTable(sector: Uint8Array): boolean {
  if (sector[510] !== 0x55 || sector[511] !== 0xaa) return false;
  const view = viewOf(sector);
  const entries = [446, 462, 478, 494];
  return (
    entries.every((at) => (view.getUint8(at) & 0x7f) === 0) &&
    entries.some(
      (at) => view.getUint8(at + 4) !== 0 && view.getUint32(at + 8, true) > 0 && view.getUint32(at + 12, true) > 0,
    )
  );
}

/**
 * The copy may be left over from a FAT that something else has replaced since, so the sectors between it and the first
 * must still be the FAT's: the information sector, and the start of the table.
 */
function isBackup(device: BlockDevice, offset: number): boolean {
  if (device.size < offset + SECTOR) return false;
  const sector = device.read(offset, SECTOR);
  const layout = layoutOf(sector);
  if (typeof layout === 'string' || !hasMagic(sector, 82, 'FAT32   ') || layout.backupOffset !== offset) return false;
  const { infoOffset, fatOffset } = layout;
  if (infoOffset === undefined || Math.max(infoOffset + SECTOR, fatOffset + SECTOR) > device.size) return false;
  return hasInfoSignature(device.read(infoOffset, SECTOR)) && device.read(fatOffset, 1)[0] === layout.media;
}

/** `IS_FSINFO` of include/uapi/linux/msdos_fs.h. */
export function hasInfoSignature(sector: Uint8Array): boolean {
  return hasMagic(sector, 0, 'RRaA') && hasMagic(sector, 484, 'rrAa');
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}
