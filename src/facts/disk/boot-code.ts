import type { BlockDevice } from '../../disk/block-device.ts';
import { hasMagic, isAllZero, toSafeNumber, viewOf } from '../../disk/bytes.ts';
import type { Partition, PartitionTable } from '../../disk/partition-table.ts';
import { defineFact } from '../../engine/define.ts';
import type { Evidence } from '../../engine/model.ts';
import { DISK, onDisk } from './places.ts';

/** What a BIOS finds on the disk. */
export interface BootCode {
  /** `chain` loads the boot sector of the active partition, as the code of parted, syslinux and Windows does. */
  readonly kind: 'none' | 'grub' | 'legacy-grub' | 'chain' | 'other';
  /** 0x55 0xaa ends the first sector, without which a BIOS does not start it. */
  readonly hasSignature: boolean;
  /** Where the first stage of GRUB looks for the rest of it. */
  readonly core?: {
    readonly sector: number;
    readonly state: 'present' | 'empty' | 'foreign';
    /** Partition that holds the sector; undefined for the gap between the partitions. */
    readonly partition?: number;
  };
  /** Of `chain` and `other`: the active partition, and what its boot sector starts with. */
  readonly active?: { readonly partition: number; readonly starts: 'syslinux' | 'something' | 'nothing' };
  readonly evidence: Evidence;
}

const SECTOR = 512;
/** Boot code ends where the disk signature of the MBR begins. */
const CODE_BYTES = 440;
/** GRUB_BOOT_MACHINE_KERNEL_SECTOR of GRUB 2's include/grub/i386/pc/boot.h: 64-bit address of the core image. */
const KERNEL_SECTOR_AT = 0x5c;
/** STAGE1_STAGE2_SECTOR of GRUB 0.97's stage1.h, 32 bits. */
const STAGE2_SECTOR_AT = 0x44;
/** The list of sectors at the end of diskboot.img: start (8 bytes), count (2), and the segment 0x820 to load them to. */
const BLOCK_LIST_AT = 500;
const LOAD_SEGMENT = 0x820;

/** The start of MBR_BOOT_CODE in libparted/labels/dos.c, which prints nothing. */
const PARTED_CODE = '\xfa\xb8\x00\x10\x8e\xd0\xbc\x00\xb0';

/** Boot code of the first sector and what it leads to; undefined when the target is no disk. */
export const bootCode = defineFact<BootCode | undefined>({
  id: 'boot-code',
  description: 'The boot code of the first sector, and whether GRUB’s core image is where that code looks for it.',
  reads: [DISK],
  compute({ disk }) {
    if (!disk) return undefined;
    return onDisk(DISK, () => readBootCode(disk.device, disk.table));
  },
});

function readBootCode(device: BlockDevice, table: PartitionTable): BootCode {
  const sector = device.read(0, Math.min(SECTOR, device.size));
  const code = sector.subarray(0, CODE_BYTES);
  const hasSignature = table.mbr.signature;
  const found = (kind: BootCode['kind'], text: string): BootCode => ({
    kind,
    hasSignature,
    evidence: { path: DISK, text },
  });
  if (sector.length < SECTOR || isAllZero(code)) return found('none', `bytes 0 to ${CODE_BYTES - 1} are zero`);
  if (isGrub(code)) {
    const view = viewOf(sector);
    const isLegacy = view.getUint32(STAGE2_SECTOR_AT, true) !== 0 && sector[0x3e] === 3;
    const address = isLegacy
      ? view.getUint32(STAGE2_SECTOR_AT, true)
      : toSafeNumber(view.getBigUint64(KERNEL_SECTOR_AT, true), 'address of GRUB’s core image');
    const core = coreAt(device, table, address, isLegacy);
    const kind = isLegacy ? ('legacy-grub' as const) : ('grub' as const);
    return { ...found(kind, `boot code of GRUB, core image at sector ${address}`), core };
  }
  const active = table.partitions.find(({ bootable }) => bootable);
  const chain = isChain(code)
    ? found('chain', 'boot code that starts the active partition')
    : found('other', 'boot code of an unknown loader');
  return active ? { ...chain, active: { partition: active.number, starts: startOf(active) } } : chain;
}

/** The words that boot.S of either GRUB prints. */
function isGrub(code: Uint8Array): boolean {
  const text = new TextDecoder('latin1').decode(code);
  return /GRUB \0/.test(text) && text.includes('Geom\0');
}

/** The code of parted, and what the code of syslinux and Windows prints. */
function isChain(code: Uint8Array): boolean {
  const text = new TextDecoder('latin1').decode(code);
  return (
    hasMagic(code, 0, PARTED_CODE) ||
    /missing operating system|missing os|operating system load error|invalid partition table/i.test(text)
  );
}

function coreAt(
  device: BlockDevice,
  table: PartitionTable,
  sector: number,
  isLegacy: boolean,
): NonNullable<BootCode['core']> {
  const offset = sector * SECTOR;
  const holder = table.partitions.find(({ offset: start, size }) => offset >= start && offset < start + size);
  const place = { sector, ...(holder && { partition: holder.number }) };
  if (offset + SECTOR > device.size) return { ...place, state: 'empty' };
  const bytes = device.read(offset, SECTOR);
  if (isAllZero(bytes)) return { ...place, state: 'empty' };
  const view = viewOf(bytes);
  const isList = view.getUint16(SECTOR - 2, true) === LOAD_SEGMENT && view.getUint16(BLOCK_LIST_AT + 8, true) > 0;
  return { ...place, state: isLegacy || isList ? 'present' : 'foreign' };
}

function startOf({ device }: Partition): 'syslinux' | 'something' | 'nothing' {
  if (!device || device.size < SECTOR) return 'nothing';
  const sector = device.read(0, SECTOR);
  if (sector[510] !== 0x55 || sector[511] !== 0xaa) return 'nothing';
  return hasMagic(sector, 3, 'SYSLINUX') || hasMagic(sector, 3, 'EXTLINUX') ? 'syslinux' : 'something';
}
