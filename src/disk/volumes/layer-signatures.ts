import type { BlockDevice } from '../block-device.ts';
import { guidText, hasMagic, viewOf } from '../bytes.ts';
import {
  type Identity,
  labelOf,
  peek,
  peekMagic,
  type Signature,
  utf16LabelOf,
  uuidFromText,
  uuidOf,
} from './signature.ts';

const MD_MAGIC = 0xa92b4efc;
/** Version 0.90 and 1.0 stand at the end, on boundaries of these sizes (drivers/md/md.c). */
const MD_0_RESERVED = 65_536;
const MD_1_BOUNDARY = 4096;
/** Superblock without the list of roles, and the largest list that is summed up. */
const MD_1_BYTES = 256;
const MD_ROLES_LIMIT = 1920;

/** Version 0.90, in the byte order of the machine that wrote it. */
function identifyOldRaid(device: BlockDevice): Identity | undefined {
  if (device.size <= MD_0_RESERVED) return undefined;
  const offset = Math.floor(device.size / MD_0_RESERVED) * MD_0_RESERVED - MD_0_RESERVED;
  const bytes = peek(device, offset, 64);
  if (!bytes) return undefined;
  const view = viewOf(bytes);
  const isLittle = view.getUint32(0, true) === MD_MAGIC;
  if (!isLittle && view.getUint32(0, false) !== MD_MAGIC) return undefined;
  const size = view.getUint32(32, isLittle) * 1024;
  if (device.size < size + MD_0_RESERVED || offset < size) return undefined;
  const hasLongId = view.getUint32(8, isLittle) >= 90;
  const id = new Uint8Array(16);
  const words = hasLongId ? [20, 52, 56, 60] : [20];
  for (const [index, at] of words.entries()) viewOf(id).setUint32(index * 4, view.getUint32(at, isLittle), false);
  return uuidOf(id);
}

/** Version 1.0 at the end, 1.1 at the start, 1.2 at 4096: each holds its own address and a sum over itself. */
function identifyRaid(device: BlockDevice): Identity | undefined {
  const atEnd = Math.floor(device.size / MD_1_BOUNDARY) * MD_1_BOUNDARY - 2 * MD_1_BOUNDARY;
  for (const offset of [...(device.size > MD_0_RESERVED ? [atEnd] : []), 0, MD_1_BOUNDARY]) {
    const bytes = peek(device, offset, MD_1_BYTES);
    if (!bytes) continue;
    const view = viewOf(bytes);
    if (view.getUint32(0, true) !== MD_MAGIC || view.getUint32(4, true) !== 1) continue;
    if (view.getBigUint64(144, true) !== BigInt(offset / 512)) continue;
    const roles = view.getUint32(220, true);
    const whole = roles <= MD_ROLES_LIMIT ? peek(device, offset, MD_1_BYTES + roles * 2) : undefined;
    if (!whole || sumOfWords(whole) !== view.getUint32(216, true)) continue;
    return { ...uuidOf(bytes.subarray(16, 32)), ...labelOf(bytes.subarray(32, 64)) };
  }
  return undefined;
}

/** calc_sb_1_csum() of drivers/md/md.c: 32-bit words with the field itself as zero, the carry added once. */
function sumOfWords(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  let sum = -view.getUint32(216, true);
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) sum += view.getUint32(at, true);
  if (at + 2 <= bytes.length) sum += view.getUint16(at, true);
  return ((sum % 2 ** 32) + Math.floor(sum / 2 ** 32)) % 2 ** 32;
}

const BCACHE_MAGIC = '\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81';
const BCACHEFS_MAGIC = '\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef';

function identifyBcache(device: BlockDevice): Identity | undefined {
  const bytes = peek(device, 4096, 104);
  if (!bytes || !hasMagic(bytes, 24, BCACHE_MAGIC) || viewOf(bytes).getBigUint64(8, true) !== 8n) return undefined;
  return { ...uuidOf(bytes.subarray(40, 56)), ...labelOf(bytes.subarray(72, 104)) };
}

function identifyBcachefs(device: BlockDevice): Identity | undefined {
  const bytes = peek(device, 4096, 104);
  if (!bytes || !hasMagic(bytes, 24, BCACHEFS_MAGIC)) return undefined;
  return { ...uuidOf(bytes.subarray(56, 72)), ...labelOf(bytes.subarray(72, 104)) };
}

/** LUKS2 keeps a second header, at a place that depends on the size of the first. */
function identifyLuksBackup(device: BlockDevice): Identity | undefined {
  for (let offset = 0x4000; offset <= 0x400000; offset *= 2) {
    const backup = luksHeader(device, offset, 'SKUL\xba\xbe');
    if (backup) return backup;
  }
  return undefined;
}

function luksHeader(device: BlockDevice, offset: number, magic: string): Identity | undefined {
  const bytes = peekMagic(device, offset, magic, 512);
  if (!bytes) return undefined;
  const view = viewOf(bytes);
  const version = view.getUint16(6, false);
  if (version === 2 && view.getBigUint64(256, false) !== BigInt(offset)) return undefined;
  const uuid = uuidFromText(bytes.subarray(168, 208));
  return version === 2 ? { ...uuid, ...labelOf(bytes.subarray(24, 72)) } : uuid;
}

const FVE_MAGIC = '-FVE-FS-';
const FVE_METADATA_LIMIT = 65_536;

/** Windows Vista, Windows 7 and later, BitLocker To Go: three boot sectors. */
function identifyBitlocker(device: BlockDevice): Identity | undefined {
  const sector = peek(device, 0, 512);
  if (!sector) return undefined;
  if (hasMagic(sector, 0, `\xeb\x52\x90${FVE_MAGIC}`)) return {};
  const isWindows7 = hasMagic(sector, 0, `\xeb\x58\x90${FVE_MAGIC}`);
  if (!isWindows7 && !hasMagic(sector, 0, '\xeb\x58\x90MSWIN4.1')) return undefined;
  const at = viewOf(sector).getBigUint64(isWindows7 ? 176 : 440, true);
  if (at === 0n || at % 64n !== 0n) return undefined;
  const metadata = peekMagic(device, Number(at), FVE_MAGIC, 112);
  if (!metadata) return undefined;
  const size = viewOf(metadata).getUint32(64, true);
  const entries = peek(device, Number(at) + 64, Math.min(size, FVE_METADATA_LIMIT));
  return { uuid: guidText(metadata.subarray(80, 96)), ...bitlockerLabel(entries ?? new Uint8Array(0)) };
}

/** The description among the entries behind a header of 48 bytes. */
function bitlockerLabel(entries: Uint8Array): Identity {
  const view = viewOf(entries);
  for (let at = 48; at + 8 <= entries.length; ) {
    const size = view.getUint16(at, true);
    if (size < 8 || at + size > entries.length) return {};
    if (view.getUint16(at + 2, true) === 7 && view.getUint16(at + 4, true) === 2)
      return utf16LabelOf(entries.subarray(at + 8, at + size));
    at += size;
  }
  return {};
}

function identifyVerity(device: BlockDevice): Identity | undefined {
  const bytes = peekMagic(device, 0, 'verity\0\0', 512);
  return bytes && viewOf(bytes).getUint32(8, true) === 1 ? uuidOf(bytes.subarray(16, 32)) : undefined;
}

function identifyIntegrity(device: BlockDevice): Identity | undefined {
  const bytes = peekMagic(device, 0, 'integrt\0', 512);
  return bytes && bytes[8] !== 0 ? {} : undefined;
}

function identifyVdo(device: BlockDevice): Identity | undefined {
  const bytes = peekMagic(device, 0, 'dmvdo001', 64);
  return bytes && uuidOf(bytes.subarray(40, 56));
}

const STRATIS_MAGIC = '!Stra0tis\x86\xff\x02^\x41rh';

function identifyStratis(device: BlockDevice): Identity | undefined {
  const bytes = peek(device, 512, 512) ?? new Uint8Array(0);
  if (!hasMagic(bytes, 4, STRATIS_MAGIC)) return undefined;
  const { uuid = '' } = uuidFromText(bytes.subarray(64, 96));
  return { uuid: uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') };
}

/** RAID members come before the label of LVM2, which may be seen through one of them. */
export const raidSignatures: readonly Signature[] = [
  { type: 'linux_raid_member', identify: (device) => identifyOldRaid(device) ?? identifyRaid(device) },
  { type: 'bcache', identify: identifyBcache },
  { type: 'bcachefs', identify: identifyBcachefs },
];

/** Layers between a volume and its file system, in the order in which blkid looks for them. */
export const layerSignatures: readonly Signature[] = [
  { type: 'DM_snapshot_cow', identify: (device) => peekMagic(device, 0, 'SnAp') && {} },
  { type: 'DM_verity_hash', identify: identifyVerity },
  { type: 'DM_integrity', identify: identifyIntegrity },
  { type: 'crypto_LUKS', identify: (device) => luksHeader(device, 0, 'LUKS\xba\xbe') },
  { type: 'vdo', identify: identifyVdo },
  { type: 'stratis', identify: identifyStratis },
  { type: 'BitLocker', identify: identifyBitlocker },
];

/** Counts only where nothing else is: udev does not look for it at all, as a new file system leaves it in place. */
export const luksBackupSignature: Signature = { type: 'crypto_LUKS', identify: identifyLuksBackup };
