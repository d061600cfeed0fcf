import type { BlockDevice } from '../block-device.ts';
import { hasMagic, viewOf } from '../bytes.ts';
import { rawCrc32c } from '../checksums.ts';
import { isFatSector, isNtfsSector } from '../partitions/boot-sector.ts';
import { type Identity, labelOf, peek, peekMagic, type Signature, utf16LabelOf, uuidOf } from './signature.ts';
import { identifyZfs } from './zfs-label.ts';

/** Ten characters at the end of the first page, whatever its size. */
const PAGE_SIZES = [4096, 8192, 16_384, 32_768, 65_536];
const SWAP_MAGIC_BYTES = 10;
const SMALLEST_SWAP = 40_960;

/** A swap area, by include/linux/swap.h: header at byte 1024, magic at the end of the page. */
export function identifySwap(device: BlockDevice): Identity | undefined {
  if (device.size < SMALLEST_SWAP || isFat(device)) return undefined;
  for (const page of PAGE_SIZES) {
    const magic = peek(device, page - SWAP_MAGIC_BYTES, SWAP_MAGIC_BYTES);
    if (!magic) return undefined;
    if (hasMagic(magic, 0, 'SWAP-SPACE')) return {};
    if (!hasMagic(magic, 0, 'SWAPSPACE2')) continue;
    const header = device.read(1024, 512);
    const view = viewOf(header);
    if ((view.getUint32(0, true) === 1 || view.getUint32(0, false) === 1) && view.getUint32(4, true) !== 0)
      return swapIdentity(header);
  }
  return undefined;
}

/** Garbage behind the label means that there is neither label nor UUID. */
function swapIdentity(header: Uint8Array): Identity {
  const view = viewOf(header);
  if (view.getUint32(172, true) !== 0 || view.getUint32(176, true) !== 0) return {};
  return { ...uuidOf(header.subarray(12, 28)), ...labelOf(header.subarray(28, 44)) };
}

function isFat(device: BlockDevice): boolean {
  const sector = peek(device, 0, 512);
  return sector !== undefined && isFatSector(sector);
}

/** A hibernated system has left its memory in the swap area. */
function identifySuspended(device: BlockDevice): Identity | undefined {
  if (device.size < SMALLEST_SWAP) return undefined;
  const magics = ['S1SUSPEND', 'S2SUSPEND', 'ULSUSPEND', 'LINHIB0001'];
  for (const page of PAGE_SIZES) {
    const magic = peek(device, page - SWAP_MAGIC_BYTES, SWAP_MAGIC_BYTES);
    if (magic && magics.some((name) => hasMagic(magic, 0, name))) return swapIdentity(device.read(1024, 512));
  }
  return undefined;
}

function identifyReiserfs(device: BlockDevice): Identity | undefined {
  for (const [offset, magicAt] of [
    [8192, 52],
    [65_536, 52],
    [8192, 20],
  ] as const) {
    const bytes = peek(device, offset, 128);
    if (!bytes || !hasMagic(bytes, magicAt, 'ReIsEr') || viewOf(bytes).getUint16(44, true) < 512) continue;
    if (hasMagic(bytes, magicAt, 'ReIsErFs')) return {};
    if (hasMagic(bytes, magicAt, 'ReIsEr2Fs') || hasMagic(bytes, magicAt, 'ReIsEr3Fs'))
      return { ...uuidOf(bytes.subarray(84, 100)), ...labelOf(bytes.subarray(100, 116)) };
  }
  return undefined;
}

function identifyReiser4(device: BlockDevice): Identity | undefined {
  const bytes = peekMagic(device, 65_536, 'ReIsEr4', 64);
  return bytes && { ...uuidOf(bytes.subarray(20, 36)), ...labelOf(bytes.subarray(36, 52)) };
}

function identifyJfs(device: BlockDevice): Identity | undefined {
  const bytes = peekMagic(device, 32_768, 'JFS1', 184);
  if (!bytes || viewOf(bytes).getUint32(16, true) !== 2 ** viewOf(bytes).getUint16(20, true)) return undefined;
  return { ...uuidOf(bytes.subarray(136, 152)), ...labelOf(bytes.subarray(152, 168)) };
}

/** The date of the last change, or else of creation, does for a UUID. */
function identifyIso9660(device: BlockDevice): Identity | undefined {
  for (let sector = 16; sector < 32; sector++) {
    const bytes = peek(device, sector * 2048, 2048);
    if (!bytes || !hasMagic(bytes, 1, 'CD001') || bytes[0] === 255) return undefined;
    if (bytes[0] !== 1) continue;
    const dates = [bytes.subarray(830, 847), bytes.subarray(813, 830)].map(dateText);
    const uuid = dates.find((date) => date !== undefined);
    return { ...(uuid === undefined ? {} : { uuid }), ...labelOf(bytes.subarray(40, 72)) };
  }
  return undefined;
}

function dateText(bytes: Uint8Array): string | undefined {
  const digits = String.fromCharCode(...bytes.subarray(0, 16));
  if (digits === '0'.repeat(16) && bytes[16] === 0) return undefined;
  return digits.replace(/^(.{4})(..)(..)(..)(..)(..)(..)$/, '$1-$2-$3-$4-$5-$6-$7');
}

function identifyNtfs(device: BlockDevice): Identity | undefined {
  const sector = peek(device, 0, 512);
  if (!sector || !isNtfsSector(sector)) return undefined;
  return { uuid: viewOf(sector).getBigUint64(72, true).toString(16).toUpperCase().padStart(16, '0') };
}

function identifyExfat(device: BlockDevice): Identity | undefined {
  const sector = peek(device, 0, 512);
  if (!sector || !hasMagic(sector, 0, '\xeb\x76\x90EXFAT   ')) return undefined;
  const serial = viewOf(sector).getUint32(100, true).toString(16).toUpperCase().padStart(8, '0');
  return { uuid: `${serial.slice(0, 4)}-${serial.slice(4)}` };
}

function identifySquashfs(device: BlockDevice): Identity | undefined {
  const bytes = peekMagic(device, 0, 'hsqs', 96);
  return bytes && viewOf(bytes).getUint16(28, true) >= 4 ? {} : undefined;
}

function identifyF2fs(device: BlockDevice): Identity | undefined {
  const bytes = peekMagic(device, 1024, '\x10\x20\xf5\xf2', 1148);
  if (!bytes) return undefined;
  const view = viewOf(bytes);
  if (view.getUint16(4, true) === 1 && view.getUint16(6, true) === 0) return {};
  return { ...uuidOf(bytes.subarray(108, 124)), ...utf16LabelOf(bytes.subarray(124, 1148)) };
}

const EROFS_OFFSET = 1024;

/** The checksum covers what follows the superblock's start in the first block, with its own field as zero. */
function identifyErofs(device: BlockDevice): Identity | undefined {
  const bytes = peekMagic(device, EROFS_OFFSET, '\xe2\xe1\xf5\xe0', 128);
  if (!bytes) return undefined;
  const view = viewOf(bytes);
  const blockBits = view.getUint8(12);
  if (blockBits < 9 || blockBits > 16) return undefined;
  if ((view.getUint32(8, true) & 1) !== 0) {
    const block = peek(device, EROFS_OFFSET, 2 ** blockBits - EROFS_OFFSET);
    if (!block) return undefined;
    const summed = Uint8Array.from(block);
    summed.fill(0, 4, 8);
    if (rawCrc32c(summed, 0xffffffff) !== view.getUint32(4, true)) return undefined;
  }
  return { ...uuidOf(bytes.subarray(48, 64)), ...labelOf(bytes.subarray(64, 80)) };
}

/** Found before any file system that is read, but for FAT. */
export const suspendSignature: Signature = { type: 'swsuspend', identify: identifySuspended };

/** Found where neither FAT nor XFS nor ext is, and before btrfs, whose superblock is easily left over. */
export const middleSignatures: readonly Signature[] = [
  { type: 'reiserfs', identify: identifyReiserfs },
  { type: 'reiser4', identify: identifyReiser4 },
  { type: 'jfs', identify: identifyJfs },
  { type: 'iso9660', identify: identifyIso9660 },
  { type: 'zfs_member', identify: identifyZfs },
  { type: 'ntfs', identify: identifyNtfs },
  { type: 'squashfs', identify: identifySquashfs },
];

export const lateSignatures: readonly Signature[] = [
  { type: 'exfat', identify: identifyExfat },
  { type: 'f2fs', identify: identifyF2fs },
  { type: 'erofs', identify: identifyErofs },
];
