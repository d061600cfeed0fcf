import { crc32, crc32c, rawCrc32 } from '../../src/disk/checksums.ts';
import { seal as sealXfs, targetsOf } from '../disk/xfs-mutants.ts';
import { extSeals } from './ext-seals.ts';

/** A structure with a checksum: its place, and what makes the checksum right again. */
export interface Seal {
  readonly offset: number;
  readonly size: number;
  /** Changes the image. */
  readonly close: (image: Uint8Array) => void;
}

/**
 * All structures of an image whose checksum is right, the inner ones first. Damage under a right checksum reaches what
 * lies behind the check.
 */
export function sealsOf(image: Uint8Array): readonly Seal[] {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  const finders = [btrfsSeals, xfsSeals, extSeals, lvmSeals, vhdSeals, vhdxSeals, tarSeals, gptSeals];
  return finders.flatMap((find) => find(bytes)).filter((seal) => isClosed(bytes, seal));
}

/** Makes the checksums right of all structures that the change touches; 64-bit places of other structures follow. */
export function closeSeals(
  image: Uint8Array,
  seals: readonly Seal[],
  touched: readonly { offset: number; size: number }[],
): void {
  const dirty = [...touched];
  for (const seal of seals) {
    if (!dirty.some(({ offset, size }) => offset < seal.offset + seal.size && offset + size > seal.offset)) continue;
    seal.close(image);
    dirty.push(seal);
  }
}

function isClosed(image: Buffer, { offset, size, close }: Seal): boolean {
  const before = Buffer.from(image.subarray(offset, offset + size));
  close(image);
  const isSame = before.equals(image.subarray(offset, offset + size));
  before.copy(image, offset);
  return isSame;
}

function* placesOf(image: Buffer, step: number): Generator<number> {
  for (let offset = 0; offset + step <= image.length; offset += step) yield offset;
}

function seal(offset: number, size: number, close: (structure: Buffer) => void): Seal {
  return {
    offset,
    size,
    close: (image) => close(Buffer.from(image.buffer, image.byteOffset + offset, size)),
  };
}

function btrfsSeals(image: Buffer): Seal[] {
  if (image.toString('latin1', 65_600, 65_608) !== '_BHRfS_M') return [];
  const nodeSize = image.readUInt32LE(65_536 + 148);
  const close = (block: Buffer) => block.writeUInt32LE(crc32c(block.subarray(32)), 0);
  const nodes = [...placesOf(image, nodeSize)].filter((offset) => image.readUInt32LE(offset) !== 0);
  return [seal(65_536, 4096, close), ...nodes.map((offset) => seal(offset, nodeSize, close))];
}

function xfsSeals(image: Buffer): Seal[] {
  if (image.toString('latin1', 0, 4) !== 'XFSB') return [];
  return targetsOf(image, true).map((target) => ({ ...target, close: (bytes) => sealXfs(bytes, target) }));
}

function lvmSeals(image: Buffer): Seal[] {
  const SEED = 0xf597a6cf;
  return [...placesOf(image, 512)].flatMap((offset) => {
    if (image.toString('latin1', offset, offset + 8) === 'LABELONE')
      return [seal(offset, 512, (label) => label.writeUInt32LE(rawCrc32(label.subarray(20), SEED), 16))];
    if (image.toString('latin1', offset + 4, offset + 9) !== ' LVM2') return [];
    const size = Number(image.readBigUInt64LE(offset + 32));
    if (offset + size > image.length) return [];
    return [seal(offset, size, (area) => closeArea(area, SEED))];
  });
}

/** The text of the first location, unless it wraps, and the header. */
function closeArea(area: Buffer, seed: number): void {
  const at = Number(area.readBigUInt64LE(40));
  const length = Number(area.readBigUInt64LE(48));
  if (at + length <= area.length) area.writeUInt32LE(rawCrc32(area.subarray(at, at + length), seed), 56);
  area.writeUInt32LE(rawCrc32(area.subarray(4, 512), seed), 0);
}

function vhdSeals(image: Buffer): Seal[] {
  const close = (at: number) => (structure: Buffer) => {
    structure.writeUInt32BE(0, at);
    let sum = 0;
    for (const byte of structure) sum += byte;
    structure.writeUInt32BE(~sum >>> 0, at);
  };
  return [...placesOf(image, 512)].flatMap((offset) => {
    const cookie = image.toString('latin1', offset, offset + 8);
    if (cookie === 'conectix') return [seal(offset, 512, close(64))];
    return cookie === 'cxsparse' ? [seal(offset, 1024, close(36))] : [];
  });
}

function vhdxSeals(image: Buffer): Seal[] {
  if (image.toString('latin1', 0, 8) !== 'vhdxfile') return [];
  const sizes: Readonly<Record<string, number>> = { head: 4096, regi: 65_536, loge: 4096 };
  return [...placesOf(image, 4096)].flatMap((offset) => {
    const magic = image.toString('latin1', offset, offset + 4);
    const size = magic === 'loge' ? image.readUInt32LE(offset + 8) : sizes[magic];
    if (size === undefined || offset + size > image.length) return [];
    return [
      seal(offset, size, (structure) => {
        structure.writeUInt32LE(0, 4);
        structure.writeUInt32LE(crc32c(structure), 4);
      }),
    ];
  });
}

function tarSeals(image: Buffer): Seal[] {
  return [...placesOf(image, 512)].flatMap((offset) => {
    if (image.toString('latin1', offset + 257, offset + 262) !== 'ustar') return [];
    return [
      seal(offset, 512, (header) => {
        header.fill(' ', 148, 156);
        let sum = 0;
        for (const byte of header) sum += byte;
        header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
      }),
    ];
  });
}

/** Header and entries as one, as the header has the checksum of both. */
function gptSeals(image: Buffer): Seal[] {
  return [...placesOf(image, 512)].flatMap((offset): Seal[] => {
    if (image.toString('latin1', offset, offset + 8) !== 'EFI PART') return [];
    const entries = Number(image.readBigUInt64LE(offset + 72)) * 512;
    const close = (bytes: Uint8Array) => closeGpt(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), offset);
    const table = { offset: entries, size: 128 * 128 };
    return [
      { offset, size: 512, close },
      { ...table, close },
    ];
  });
}

function closeGpt(image: Buffer, offset: number): void {
  const header = image.subarray(offset, offset + 512);
  const entries = Number(header.readBigUInt64LE(72)) * 512;
  const size = header.readUInt32LE(80) * header.readUInt32LE(84);
  if (entries + size <= image.length) header.writeUInt32LE(crc32(image.subarray(entries, entries + size)), 88);
  header.writeUInt32LE(0, 16);
  header.writeUInt32LE(crc32(header.subarray(0, Math.min(header.readUInt32LE(12), 512))), 16);
}
