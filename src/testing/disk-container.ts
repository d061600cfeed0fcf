import type { Container, VhdFooter } from '../disk/container.ts';
import { bytesOf, type CaseSize } from './disk-sizes.ts';

/** The file of a case's disk: any field of the format's {@link Container}, over a good one. */
export interface CaseContainer {
  readonly format?: Container['format'];
  readonly type?: 'fixed' | 'dynamic';
  readonly virtualSize?: CaseSize;
  readonly fileSize?: CaseSize;
  readonly footer?: Partial<VhdFooter>;
  readonly logicalSectorSize?: number;
  readonly problems?: readonly string[];
}

/** A fixed VHD of 30 GiB as `qemu-img convert -o subformat=fixed,force_size` writes it, unless the case says otherwise. */
export function containerFrom(given: CaseContainer = {}): Container {
  const { format = 'vhd', problems = [], logicalSectorSize = 512 } = given;
  const virtualSize = bytesOf(given.virtualSize ?? '30GiB');
  const { type = format === 'vhd' ? 'fixed' : 'dynamic' } = given;
  const sparse = given.fileSize === undefined ? 2 ** 30 : bytesOf(given.fileSize);
  if (format === 'raw') return { format, virtualSize, fileSize: virtualSize };
  if (format === 'qcow2') {
    const layout = { clusterSize: 65_536, compression: 'zlib' as const, extendedL2: false, snapshots: 0 };
    return { format, version: 3, virtualSize, fileSize: sparse, ...layout, problems };
  }
  if (format === 'vhdx') {
    const layout = { blockSize: 2 ** 21, logicalSectorSize, physicalSectorSize: 4096 };
    return { format, type, virtualSize, fileSize: sparse, ...layout, log: 'empty', creator: 'QEMU', problems };
  }
  const isFixed = type === 'fixed';
  const fileSize = given.fileSize === undefined && isFixed ? virtualSize + 512 : sparse;
  const footer: VhdFooter = {
    offset: fileSize - 512,
    features: 2,
    formatVersion: 0x00010000,
    dataOffset: isFixed ? undefined : 512,
    timestamp: 1_750_000_000,
    creatorApplication: 'qem2',
    creatorVersion: 0x00050003,
    creatorHostOs: 'Wi2k',
    originalSize: virtualSize,
    currentSize: virtualSize,
    geometry: { cylinders: 62_415, heads: 16, sectorsPerTrack: 63 },
    diskType: isFixed ? 2 : 3,
    storedChecksum: 0xffffe6a2,
    computedChecksum: 0xffffe6a2,
    uniqueId: '6a1c3c5d-6f0e-4b61-9b1f-0c8d7e5a4b32',
    savedState: false,
    reservedIsZero: true,
    ...given.footer,
  };
  return { format, type, virtualSize, fileSize, footer, problems };
}
