import { hasMagic, viewOf } from '../bytes.ts';

/** Bytes of the first sector that are looked at, whatever the sector size. */
export const BOOT_SECTOR_BYTES = 512;
const ENTRY_TABLE_OFFSET = 446;
const ENTRY_BYTES = 16;
const SIGNATURE_OFFSET = 510;

/** 0x55 0xaa at the end of the first 512 bytes: a boot sector of some kind. */
export function hasBootSignature(sector: Uint8Array): boolean {
  return sector[SIGNATURE_OFFSET] === 0x55 && sector[SIGNATURE_OFFSET + 1] === 0xaa;
}

/** One of the four records of a boot sector, in sectors; the start of a logical one is relative. */
export interface MbrRecord {
  readonly status: number;
  readonly type: number;
  readonly start: number;
  readonly sectors: number;
}

export function readRecords(sector: Uint8Array): readonly MbrRecord[] {
  const view = viewOf(sector);
  return [0, 1, 2, 3].map((index) => {
    const at = ENTRY_TABLE_OFFSET + index * ENTRY_BYTES;
    return {
      status: view.getUint8(at),
      type: view.getUint8(at + 4),
      start: view.getUint32(at + 8, true),
      sectors: view.getUint32(at + 12, true),
    };
  });
}

/** The kernel's and blkid's test: each status byte is 0 or 0x80 (block/partitions/msdos.c, libblkid's dos.c). */
export function hasValidStatus(records: readonly MbrRecord[]): boolean {
  return records.every(({ status }) => status === 0 || status === 0x80);
}

/** Whether the sector is the first of a file system that stands on the disk without a partition table. */
export function isFileSystemSector(sector: Uint8Array): boolean {
  return (
    isFatSector(sector) ||
    isNtfsSector(sector) ||
    hasMagic(sector, 3, 'EXFAT   ') ||
    hasMagic(sector, 3, '-FVE-FS-') ||
    hasMagic(sector, 0, 'XFSB') ||
    hasMagic(sector, 0, 'LUKS\xba\xbe') ||
    hasMagic(sector, 0, 'hsqs')
  );
}

/** FAT by the fields of its BIOS parameter block, with or without a name in it (libblkid's vfat.c). */
export function isFatSector(sector: Uint8Array): boolean {
  if (sector.length < BOOT_SECTOR_BYTES) return false;
  const view = viewOf(sector);
  const isNamed =
    hasMagic(sector, 82, 'FAT32   ') ||
    hasMagic(sector, 82, 'MSWIN') ||
    ['FAT12   ', 'FAT16   ', 'FAT     ', 'MSDOS'].some((name) => hasMagic(sector, 54, name));
  if (!isNamed) {
    if (!hasBootSignature(sector)) return false;
    if (hasMagic(sector, 54, 'JFS     ') || hasMagic(sector, 54, 'HPFS    ')) return false;
  }
  const sectorSize = view.getUint16(11, true);
  const media = view.getUint8(21);
  return (
    isPowerOfTwo(sectorSize) &&
    sectorSize >= 512 &&
    sectorSize <= 4096 &&
    isPowerOfTwo(view.getUint8(13)) &&
    view.getUint16(14, true) !== 0 &&
    view.getUint8(16) !== 0 &&
    (media === 0xf0 || media >= 0xf8)
  );
}

/** NTFS: its name, and zero where FAT has its own fields (libblkid's ntfs.c). */
export function isNtfsSector(sector: Uint8Array): boolean {
  if (sector.length < BOOT_SECTOR_BYTES || !hasMagic(sector, 3, 'NTFS    ')) return false;
  const view = viewOf(sector);
  const sectorSize = view.getUint16(11, true);
  return (
    isPowerOfTwo(sectorSize) &&
    sectorSize >= 256 &&
    sectorSize <= 4096 &&
    [14, 17, 19, 22].every((offset) => view.getUint16(offset, true) === 0) &&
    view.getUint8(16) === 0
  );
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}
