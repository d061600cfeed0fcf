import { type BlockDevice, checkRange } from '../block-device.ts';
import { hasMagic, toSafeNumber, viewOf } from '../bytes.ts';
import type { Qcow2Container } from '../container.ts';
import { DiskError } from '../disk-error.ts';
import { diskLimits } from '../limits.ts';
import { refuseForeignFiles } from './qcow2-foreign-files.ts';

const MAGIC = 'QFI\xfb';
const HEADER_SIZE_V2 = 72;
const HEADER_SIZE_V3 = 104;
const COMPRESSION_AT = 104;
const SMALLEST_CLUSTER_BITS = 9;
const LARGEST_CLUSTER_BITS = 21;
/** Below that the 32 subclusters of a cluster would be smaller than a sector. */
const SMALLEST_EXTENDED_CLUSTER_BITS = 14;

/** Incompatible features: a reader that does not know one of them must not read on. */
const DIRTY = 1;
const CORRUPT = 2;
const EXTERNAL_DATA_FILE = 4;
const COMPRESSION_TYPE = 8;
const EXTENDED_L2 = 16;
const KNOWN = DIRTY | CORRUPT | EXTERNAL_DATA_FILE | COMPRESSION_TYPE | EXTENDED_L2;

export interface Qcow2Header {
  readonly container: Qcow2Container;
  readonly clusterBits: number;
  /** Bytes from the start of the file. */
  readonly l1Offset: number;
  readonly l1Entries: number;
}

export function isQcow2(file: BlockDevice): boolean {
  return file.size >= MAGIC.length && hasMagic(file.read(0, MAGIC.length), 0, MAGIC);
}

/**
 * Header of docs/interop/qcow2.rst of QEMU.
 *
 * @throws {DiskError} when it is damaged, or needs another file, a key or a newer reader
 */
export function readHeader(file: BlockDevice): Qcow2Header {
  const view = viewOf(file.read(0, Math.min(COMPRESSION_AT + 8, file.size)));
  const version = versionOf(file, view);
  const headerSize = version === 3 ? view.getUint32(100) : HEADER_SIZE_V2;
  const features = version === 3 ? featuresOf(view) : 0;
  refuseForeignFiles(file, view, headerSize, (features & EXTERNAL_DATA_FILE) !== 0);
  const clusterBits = clusterBitsOf(view, features);
  const container: Qcow2Container = {
    format: 'qcow2',
    version,
    fileSize: file.size,
    virtualSize: toSafeNumber(view.getBigUint64(24), 'qcow2 disk size'),
    clusterSize: 2 ** clusterBits,
    compression: compressionOf(view, features, headerSize),
    extendedL2: (features & EXTENDED_L2) !== 0,
    snapshots: view.getUint32(60),
    problems: [
      ...(features & DIRTY ? ['it was not closed; its reference counts may be wrong'] : []),
      ...(features & CORRUPT ? ['QEMU has marked it as corrupt'] : []),
    ],
  };
  return { container, clusterBits, ...topTableOf(file, view, container) };
}

function versionOf(file: BlockDevice, view: DataView): 2 | 3 {
  const fail = (reason: string) => new DiskError('corrupt', 'qcow2 header', reason);
  if (file.size < HEADER_SIZE_V2) throw fail(`is cut short: the file has ${file.size} bytes`);
  const version = view.getUint32(4);
  if (version !== 2 && version !== 3)
    throw new DiskError(
      'unsupported',
      'qcow2 header',
      `has version ${version}, expected 2 or 3`,
      4,
      version === 1 ? 'convert it: qemu-img convert -f qcow -O qcow2 FILE disk.qcow2' : undefined,
    );
  if (version === 3 && file.size < HEADER_SIZE_V3) throw fail(`is cut short: the file has ${file.size} bytes`);
  if (version === 3 && view.getUint32(100) < HEADER_SIZE_V3)
    throw fail(`gives itself ${view.getUint32(100)} bytes, expected at least ${HEADER_SIZE_V3}`);
  return version;
}

function featuresOf(view: DataView): number {
  const features = view.getBigUint64(72);
  const unknown = features & ~BigInt(KNOWN);
  if (unknown !== 0n)
    throw new DiskError(
      'unsupported',
      'qcow2 header',
      `requires features that are not known (0x${unknown.toString(16)})`,
      72,
      'convert it with the QEMU that wrote it: qemu-img convert -O vpc -o subformat=fixed,force_size=on FILE disk.vhd',
    );
  return Number(features);
}

function clusterBitsOf(view: DataView, features: number): number {
  const bits = view.getUint32(20);
  const smallest = features & EXTENDED_L2 ? SMALLEST_EXTENDED_CLUSTER_BITS : SMALLEST_CLUSTER_BITS;
  if (bits < smallest || bits > LARGEST_CLUSTER_BITS)
    throw new DiskError(
      'corrupt',
      'qcow2 header',
      `gives clusters of 2^${bits} bytes, expected 2^${smallest} to 2^${LARGEST_CLUSTER_BITS}`,
      20,
    );
  return bits;
}

function compressionOf(view: DataView, features: number, headerSize: number): 'zlib' | 'zstd' {
  const type = features & COMPRESSION_TYPE && headerSize > COMPRESSION_AT ? view.getUint8(COMPRESSION_AT) : 0;
  if (type > 1)
    throw new DiskError(
      'unsupported',
      'qcow2 header',
      `gives the compression type ${type}, expected 0 (zlib) or 1 (zstd)`,
      COMPRESSION_AT,
    );
  return type === 1 ? 'zstd' : 'zlib';
}

/** The L1 table; refused when it is too small for the disk, as QEMU refuses it. */
function topTableOf(file: BlockDevice, view: DataView, { virtualSize, clusterSize, extendedL2 }: Qcow2Container) {
  const l1Entries = view.getUint32(36);
  if (l1Entries * 8 > diskLimits.qcow2L1Bytes)
    throw new DiskError('limit', 'qcow2 L1 table', `has ${l1Entries} entries (limit qcow2L1Bytes)`);
  const l1Offset = toSafeNumber(view.getBigUint64(40), 'qcow2 L1 table');
  checkRange(file, l1Offset, l1Entries * 8, 'qcow2 L1 table');
  const bytesPerEntry = (clusterSize / (extendedL2 ? 16 : 8)) * clusterSize;
  if (l1Entries * bytesPerEntry < virtualSize)
    throw new DiskError(
      'corrupt',
      'qcow2 L1 table',
      `has ${l1Entries} entries, too few for ${virtualSize} bytes`,
      l1Offset,
    );
  return { l1Offset, l1Entries };
}
