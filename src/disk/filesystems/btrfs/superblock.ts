import { decodeName } from '../../../files/names.ts';
import type { BlockDevice } from '../../block-device.ts';
import { hasMagic, toSafeNumber, uuidText, viewOf } from '../../bytes.ts';
import { DiskError } from '../../disk-error.ts';
import { type ChecksumType, checksumTypes } from './block-checksum.ts';
import { type Chunk, parseSystemChunks } from './chunk.ts';
import { refuseUnknownFeatures } from './features.ts';

const MAGIC = '_BHRfS_M';
/** Bytes from the start of the device, as the kernel's `btrfs_sb_offset` gives them. */
const PRIMARY = 64 * 1024;
const MIRRORS = [64 * 1024 * 1024, 256 * 1024 ** 3];
const SIZE = 4096;
const CHECKSUM_ROOM = 32;

/** What the superblock says about the tree that starts somewhere else. */
export interface TreeStart {
  /** Logical address, bytes. */
  readonly logical: number;
  readonly level: number;
  readonly generation: bigint;
}

/** `struct btrfs_super_block` of include/uapi/linux/btrfs_tree.h, as far as reading needs it. */
export interface Superblock {
  readonly uuid: string;
  readonly label: string | undefined;
  /** What every tree block repeats: the UUID that the file system was made with, not the one that a user may change. */
  readonly blockUuid: string;
  readonly checksum: ChecksumType;
  /** Bytes, all of these. */
  readonly totalBytes: number;
  readonly sectorSize: number;
  readonly nodeSize: number;
  readonly rootTree: TreeStart;
  readonly chunkTree: TreeStart;
  /** Whether an fsync was logged that no commit has taken in yet. */
  readonly hasLog: boolean;
  readonly rootDirectory: bigint;
  readonly flags: bigint;
  readonly incompatible: bigint;
  readonly readOnlyCompatible: bigint;
  readonly deviceCount: number;
  /** The one device that is read. */
  readonly device: { readonly id: bigint; readonly uuid: string; readonly size: number };
  readonly systemChunks: readonly Chunk[];
  /** The copy that was used, when the first one is damaged. */
  readonly mirror: number | undefined;
}

/** Whether the first superblock carries the magic; its copies are left alone, as they may outlive the file system. */
export function hasSuperblock(device: BlockDevice): boolean {
  return device.size >= PRIMARY + SIZE && hasMagic(device.read(PRIMARY, SIZE), 64, MAGIC);
}

/**
 * The superblock that a mount goes by: the first copy. When that one is damaged, the newest of the others.
 *
 * @throws {DiskError} when no copy is intact, or the file system has a feature that would make a reading wrong
 */
export function readSuperblock(device: BlockDevice): Superblock {
  const primary = readCopy(device, PRIMARY);
  if (!(primary instanceof DiskError)) return parse(primary, undefined);
  const others = MIRRORS.flatMap((offset) => {
    const bytes = offset + SIZE <= device.size ? readCopy(device, offset) : primary;
    return bytes instanceof DiskError ? [] : [{ bytes, offset, generation: viewOf(bytes).getBigUint64(72, true) }];
  });
  const newest = others.reduce<(typeof others)[number] | undefined>(
    (best, other) => (best && best.generation >= other.generation ? best : other),
    undefined,
  );
  if (!newest) throw primary;
  return parse(newest.bytes, newest.offset);
}

function readCopy(device: BlockDevice, offset: number): Uint8Array | DiskError {
  const structure = 'btrfs superblock';
  const bytes = device.read(offset, SIZE);
  const view = viewOf(bytes);
  if (!hasMagic(bytes, 64, MAGIC)) return new DiskError('corrupt', structure, 'has lost its magic', offset);
  const type = view.getUint16(196, true);
  const checksum = checksumTypes[type];
  if (!checksum) return new DiskError('unsupported', structure, `has checksums of the unknown type ${type}`, offset);
  if (!checksum.matches(bytes.subarray(CHECKSUM_ROOM), bytes))
    return new DiskError('corrupt', structure, 'does not match its checksum', offset);
  if (view.getBigUint64(48, true) !== BigInt(offset))
    return new DiskError('corrupt', structure, 'says that it belongs elsewhere', offset);
  return bytes;
}

function parse(bytes: Uint8Array, mirror: number | undefined): Superblock {
  const view = viewOf(bytes);
  const long = (offset: number) => view.getBigUint64(offset, true);
  const size = (offset: number, name: string) => toSafeNumber(long(offset), `btrfs superblock's ${name}`);
  const incompatible = long(188);
  const flags = long(56);
  refuseUnknownFeatures(incompatible, flags);
  const sectorSize = powerOfTwo(view.getUint32(144, true), 'sector size', 2048);
  const nodeSize = powerOfTwo(view.getUint32(148, true), 'node size', sectorSize);
  const checksum = checksumTypes[view.getUint16(196, true)];
  if (!checksum) throw new DiskError('unsupported', 'btrfs superblock', 'has checksums of an unknown type');
  const device = { id: long(201), size: size(209, 'device size'), uuid: uuidText(bytes.subarray(267)) };
  const uuid = uuidText(bytes.subarray(32));
  const start = (at: number, levelAt: number, generation: bigint, name: string): TreeStart => ({
    logical: size(at, name),
    level: bytes[levelAt] ?? 0,
    generation,
  });
  const hasOwnBlockUuid = (incompatible & METADATA_UUID) !== 0n;
  return {
    uuid,
    label: labelText(bytes.subarray(LABEL, LABEL + LABEL_ROOM)),
    blockUuid: hasOwnBlockUuid ? uuidText(bytes.subarray(571)) : uuid,
    checksum,
    totalBytes: size(112, 'size'),
    sectorSize,
    nodeSize,
    rootTree: start(80, 198, long(72), 'root tree address'),
    chunkTree: start(88, 199, long(164), 'chunk tree address'),
    hasLog: long(96) !== 0n,
    rootDirectory: long(128),
    flags,
    incompatible,
    readOnlyCompatible: long(180),
    deviceCount: size(136, 'number of devices'),
    device,
    systemChunks: parseSystemChunks(systemChunkArray(bytes, view.getUint32(160, true)), device),
    mirror,
  };
}

/** `BTRFS_FEATURE_INCOMPAT_METADATA_UUID`: the UUID was changed after the file system was made. */
const METADATA_UUID = 1n << 10n;
const LABEL = 299;
const LABEL_ROOM = 256;
const SYSTEM_CHUNK_ARRAY = 811;
const SYSTEM_CHUNK_ROOM = 2048;

function labelText(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(0);
  return decodeName(end === -1 ? bytes : bytes.subarray(0, end)) || undefined;
}

function systemChunkArray(bytes: Uint8Array, size: number): Uint8Array {
  if (size > SYSTEM_CHUNK_ROOM)
    throw new DiskError(
      'corrupt',
      'btrfs superblock',
      `has ${size} bytes of system chunks, but room for ${SYSTEM_CHUNK_ROOM}`,
    );
  return bytes.subarray(SYSTEM_CHUNK_ARRAY, SYSTEM_CHUNK_ARRAY + size);
}

function powerOfTwo(value: number, name: string, smallest: number): number {
  if (value < smallest || value > 65_536 || (value & (value - 1)) !== 0)
    throw new DiskError('corrupt', 'btrfs superblock', `has a ${name} of ${value} bytes`);
  return value;
}
