import type { BlockDevice } from '../../block-device.ts';
import { attemptDisk, DiskError } from '../../disk-error.ts';
import type { AddressMap } from './address-map.ts';
import { firstGood } from './block-reader.ts';
import { keyType, objectId } from './key.ts';
import type { Superblock } from './superblock.ts';
import type { Tree } from './tree.ts';

/** Reads the contents of files by logical address. */
export interface DataReader {
  /**
   * @param isChecked Whether each sector must match its entry in the checksum tree; one without an entry passes.
   * @throws {DiskError} when no copy of a sector is good
   */
  read(logical: number, length: number, isChecked: boolean): Uint8Array;
}

const noChecksums: ReadonlyMap<number, Uint8Array> = new Map();

/** @param checksums The checksum tree, asked for at the first reading; undefined for a file system that has none. */
export function dataReader(
  device: BlockDevice,
  superblock: Superblock,
  map: AddressMap,
  checksums: () => Tree | undefined,
): DataReader {
  const { sectorSize } = superblock;
  return {
    read: (logical, length, isChecked) => {
      const start = logical - (logical % sectorSize);
      const end = Math.ceil((logical + length) / sectorSize) * sectorSize;
      const bytes = new Uint8Array(end - start);
      for (let at = start; at < end; ) {
        const { copies, room } = map.locate(at);
        const count = Math.min(room, end - at);
        const stored = isChecked ? storedChecksums(checksums(), superblock, at, at + count) : noChecksums;
        bytes.set(readChecked(device, superblock, copies, at, count, stored), at - start);
        at += count;
      }
      return bytes.subarray(logical - start, logical - start + length);
    },
  };
}

/** Items of the checksum tree each hold the checksums of a run of sectors, from the address in the key's offset on. */
function storedChecksums(
  tree: Tree | undefined,
  { sectorSize, checksum }: Superblock,
  start: number,
  end: number,
): Map<number, Uint8Array> {
  const stored = new Map<number, Uint8Array>();
  const key = { objectId: objectId.extentChecksums, type: keyType.extentChecksum, offset: BigInt(start) };
  for (const item of tree?.around(key) ?? []) {
    if (item.objectId !== key.objectId || item.type !== key.type) {
      if (item.objectId > key.objectId) break;
      continue;
    }
    if (item.offset >= BigInt(end)) break;
    const count = Math.floor(item.data.length / checksum.size);
    const first = Number(item.offset);
    const from = Math.max(0, Math.ceil((start - first) / sectorSize));
    const to = Math.min(count, Math.ceil((end - first) / sectorSize));
    for (let index = from; index < to; index++)
      stored.set(first + index * sectorSize, item.data.subarray(index * checksum.size, (index + 1) * checksum.size));
  }
  return stored;
}

function readChecked(
  device: BlockDevice,
  { sectorSize, checksum }: Superblock,
  copies: readonly number[],
  logical: number,
  length: number,
  stored: ReadonlyMap<number, Uint8Array>,
): Uint8Array {
  const readFrom = (physical: number, at: number, count: number): Uint8Array => {
    const bytes = device.read(physical, count);
    for (let into = 0; into < count; into += sectorSize) {
      const expected = stored.get(at + into);
      if (expected && !checksum.matches(bytes.subarray(into, into + sectorSize), expected))
        throw new DiskError('corrupt', `btrfs data at ${at + into}`, 'does not match its checksum', physical + into);
    }
    return bytes;
  };
  const whole = attemptDisk(() => firstGood(copies, (physical) => readFrom(physical, logical, length)));
  if (!(whole instanceof DiskError)) return whole;
  if (copies.length === 1 || length === sectorSize) throw whole;
  // Each copy may be damaged in another sector.
  const bytes = new Uint8Array(length);
  for (let into = 0; into < length; into += sectorSize)
    bytes.set(
      firstGood(copies, (physical) => readFrom(physical + into, logical + into, sectorSize)),
      into,
    );
  return bytes;
}
