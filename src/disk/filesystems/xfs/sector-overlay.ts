import { type BlockDevice, checkRange } from '../../block-device.ts';
import { BASIC_BLOCK } from './metadata-block.ts';

/** A device with some of its sectors of 512 bytes replaced in memory. */
export interface SectorOverlay extends BlockDevice {
  /** Replaces whole sectors. */
  write(offset: number, bytes: Uint8Array): void;
}

export function sectorOverlay(device: BlockDevice): SectorOverlay {
  const sectors = new Map<number, Uint8Array>();
  const read = (offset: number, length: number): Uint8Array => {
    checkRange(device, offset, length, 'volume');
    const bytes = device.read(offset, length);
    if (sectors.size === 0) return bytes;
    let copy: Uint8Array | undefined;
    for (let sector = Math.floor(offset / BASIC_BLOCK); sector * BASIC_BLOCK < offset + length; sector++) {
      const replaced = sectors.get(sector);
      if (!replaced) continue;
      copy ??= new Uint8Array(bytes);
      const from = Math.max(offset, sector * BASIC_BLOCK);
      const to = Math.min(offset + length, (sector + 1) * BASIC_BLOCK);
      copy.set(replaced.subarray(from - sector * BASIC_BLOCK, to - sector * BASIC_BLOCK), from - offset);
    }
    return copy ?? bytes;
  };
  return {
    size: device.size,
    read,
    write(offset, bytes) {
      const before = read(offset, bytes.length);
      for (let at = 0; at < bytes.length; at += BASIC_BLOCK) {
        const sector = bytes.subarray(at, at + BASIC_BLOCK);
        // Only what differs is kept: a buffer may be far larger than what was changed in it.
        if (sector.some((byte, index) => byte !== before[at + index]))
          sectors.set((offset + at) / BASIC_BLOCK, new Uint8Array(sector));
      }
    },
  };
}
