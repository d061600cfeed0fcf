import { type BlockDevice, checkRange } from '../disk/block-device.ts';

/** Boot code of a case: GRUB's first stage, or one that starts the active partition. */
export type CaseBootCode = 'grub' | 'grub-without-core' | 'chain' | 'other' | 'none';

type Pieces = Map<number, Uint8Array>;

const SECTOR = 512;
const characters = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/**
 * A device that is zero but for boot code and the given pieces.
 *
 * @param coreOffset Bytes from the start of the disk to where GRUB's core image is, or is looked for.
 * @param pieces Base64 by offset in bytes.
 */
export function sparseDevice(
  size: number,
  bootCode: CaseBootCode,
  coreOffset: number,
  pieces: Readonly<Record<string, string>>,
): BlockDevice {
  const written: Pieces = new Map(bootSectors(bootCode, coreOffset));
  for (const [offset, base64] of Object.entries(pieces)) written.set(Number(offset), characters(atob(base64)));
  return {
    size,
    read(offset, length) {
      checkRange({ size }, offset, length, 'disk');
      const bytes = new Uint8Array(length);
      for (const [start, piece] of written) {
        const from = Math.max(start, offset);
        const to = Math.min(start + piece.length, offset + length);
        if (from < to) bytes.set(piece.subarray(from - start, to - start), from - offset);
      }
      return bytes;
    },
  };
}

function bootSectors(bootCode: CaseBootCode, coreOffset: number): [number, Uint8Array][] {
  const first = new Uint8Array(SECTOR);
  first.set([0x55, 0xaa], 510);
  if (bootCode === 'none') return [[0, first]];
  if (bootCode === 'chain') {
    first.set(characters('Missing operating system.\r\n'), 0x100);
    return [[0, first]];
  }
  first.set([0xeb, 0x63, 0x90]);
  if (bootCode === 'other') return [[0, first]];
  new DataView(first.buffer).setBigUint64(0x5c, BigInt(coreOffset / SECTOR), true);
  first.set(characters('GRUB \0Geom\0Hard Disk\0Read\0 Error\r\n'), 0x180);
  if (bootCode === 'grub-without-core') return [[0, first]];
  const core = new Uint8Array(SECTOR);
  const view = new DataView(core.buffer);
  core.set([0x52, 0xbf, 0xf4, 0x81]);
  view.setBigUint64(500, BigInt(coreOffset / SECTOR + 1), true);
  view.setUint16(508, 60, true);
  view.setUint16(510, 0x820, true);
  return [
    [0, first],
    [coreOffset, core],
  ];
}
