import { type BlockDevice, checkRange } from '../block-device.ts';
import { hasMagic, toSafeNumber, viewOf } from '../bytes.ts';
import type { OpenedContainer, VhdFooter } from '../container.ts';
import { DiskError } from '../disk-error.ts';
import { diskLimits } from '../limits.ts';
import { textUtf16 } from './utf16.ts';
import { checksumOf } from './vhd-footer.ts';

const SECTOR = 512;
const HEADER_SIZE = 1024;
const COOKIE = 'cxsparse';
const CHECKSUM_AT = 36;
const PARENT_NAME_AT = 64;
const PARENT_NAME_SIZE = 512;
/** Entry of the allocation table of a block that was never written. */
const ABSENT = 0xffffffff;

/** Whether a dynamic disk's header stands there. */
export function hasDynamicHeader(file: BlockDevice, offset: number | undefined): boolean {
  if (offset === undefined || offset > file.size - HEADER_SIZE) return false;
  return hasMagic(file.read(offset, COOKIE.length), 0, COOKIE);
}

/**
 * A dynamic VHD. The bitmaps of sectors before its blocks are not looked at, as QEMU does not either: some writers do
 * not keep them, and a sector that they call unused is zero.
 *
 * @param headerOffset Bytes from the start of the file.
 * @throws {DiskError} when the header or the allocation table is damaged
 */
export function openDynamic(
  file: BlockDevice,
  footer: VhdFooter,
  headerOffset: number | undefined,
  problems: string[],
): OpenedContainer {
  const { blockSize, tableOffset } = readHeader(file, footer, headerOffset, problems);
  const { currentSize: size } = footer;
  const bitmapSize = Math.ceil(blockSize / SECTOR / 8 / SECTOR) * SECTOR;
  return {
    container: { format: 'vhd', type: 'dynamic', fileSize: file.size, virtualSize: size, footer, blockSize, problems },
    disk: {
      size,
      read(offset, length) {
        checkRange({ size }, offset, length, 'VHD');
        const bytes = new Uint8Array(length);
        for (let at = offset; at < offset + length; ) {
          const block = Math.floor(at / blockSize);
          const within = at - block * blockSize;
          const count = Math.min(blockSize - within, offset + length - at);
          const sector = viewOf(file.read(tableOffset + block * 4, 4)).getUint32(0);
          if (sector !== ABSENT) {
            const place = sector * SECTOR + bitmapSize + within;
            checkRange(file, place, count, `VHD block ${block}`);
            bytes.set(file.read(place, count), at - offset);
          }
          at += count;
        }
        return bytes;
      },
    },
  };
}

interface DynamicHeader {
  /** Bytes. */
  readonly blockSize: number;
  /** Bytes from the start of the file; the table is read entry by entry, as a disk of 2 TiB has a million of them. */
  readonly tableOffset: number;
}

function readHeader(
  file: BlockDevice,
  { currentSize }: VhdFooter,
  offset: number | undefined,
  problems: string[],
): DynamicHeader {
  const fail = (reason: string) => new DiskError('corrupt', 'VHD dynamic header', reason, offset);
  if (offset === undefined) throw fail('is not there: the footer gives no place for it');
  checkRange(file, offset, HEADER_SIZE, 'VHD dynamic header');
  const header = file.read(offset, HEADER_SIZE);
  if (!hasMagic(header, 0, COOKIE)) throw fail(`lacks its cookie "${COOKIE}"`);
  const view = viewOf(header);
  if (view.getUint32(CHECKSUM_AT) !== checksumOf(header, CHECKSUM_AT))
    problems.push('the checksum of the dynamic header is wrong');
  const tableOffset = toSafeNumber(view.getBigUint64(16), 'VHD allocation table');
  const entries = view.getUint32(28);
  const blockSize = view.getUint32(32);
  if (blockSize < SECTOR || !Number.isInteger(Math.log2(blockSize))) throw fail(`gives blocks of ${blockSize} bytes`);
  if (entries > diskLimits.allocationTableEntries)
    throw new DiskError('limit', 'VHD allocation table', `has ${entries} entries (limit allocationTableEntries)`);
  if (entries * blockSize < currentSize)
    throw fail(`counts ${entries} blocks of ${blockSize} bytes, too few for ${currentSize} bytes`);
  checkRange(file, tableOffset, entries * 4, 'VHD allocation table');
  return { blockSize, tableOffset };
}

/**
 * The name of the parent is only for the message: nothing outside the file is ever opened. QEMU is no way out, as it
 * knows no parents of a VHD and takes what is not in the file for zeros.
 */
export function refuseDifferencing(file: BlockDevice, { dataOffset, offset }: VhdFooter): never {
  const name =
    dataOffset !== undefined && hasDynamicHeader(file, dataOffset)
      ? textUtf16(file.read(dataOffset + PARENT_NAME_AT, PARENT_NAME_SIZE), 'big-endian')
      : '';
  throw new DiskError(
    'unsupported',
    'VHD',
    `is a differencing disk${name && ` over ${name}`}, which holds only what differs from another file`,
    offset,
    'merge it with its parent in Hyper-V: Convert-VHD -Path FILE -DestinationPath merged.vhd -VHDType Fixed',
  );
}
