import { type BlockDevice, sliceDevice } from '../block-device.ts';
import { isAllZero } from '../bytes.ts';
import type { OpenedContainer, VhdFooter } from '../container.ts';
import { DiskError } from '../disk-error.ts';
import { hasDynamicHeader, openDynamic, refuseDifferencing } from './vhd-dynamic.ts';
import {
  FOOTER_SIZE,
  hasRightChecksum,
  parseFooter,
  TYPE_DIFFERENCING,
  TYPE_DYNAMIC,
  TYPE_FIXED,
} from './vhd-footer.ts';

const SECTOR = 512;
/** First byte of "conectix". */
const COOKIE_START = 0x63;
/** Bytes of zeros behind a footer that are looked through: what rounding a file up to whole MiB leaves. */
const LONGEST_PADDING = 1024 * 1024;

/**
 * A VHD by Microsoft's Virtual Hard Disk Image Format Specification 1.0; undefined when the file has no footer, neither
 * at its end nor, as dynamic disks have a copy, at its start.
 *
 * @throws {DiskError} when it is a differencing disk, or a dynamic one whose tables are damaged
 */
export function openVhd(file: BlockDevice): OpenedContainer | undefined {
  const last = footerAtEnd(file);
  const first = footerAtStart(file);
  const problems: string[] = [];
  const footer = last ? chooseFooter(last, first, problems) : first;
  if (!footer) return undefined;
  if (!last) problems.push('the footer at the end is missing; its copy at the start was used');
  if (!hasRightChecksum(footer))
    problems.push(
      `the footer's checksum is 0x${footer.storedChecksum.toString(16)}, computed 0x${footer.computedChecksum.toString(16)}`,
    );
  if (!Number.isSafeInteger(footer.currentSize))
    throw new DiskError('corrupt', 'VHD footer', `gives a size of ${footer.currentSize} bytes`, footer.offset);
  switch (footer.diskType) {
    case TYPE_FIXED:
      if (!first || footer.offset === footer.currentSize) return openFixed(file, footer, problems);
      problems.push('the footer gives the type 2 (fixed), but the file is laid out as a dynamic disk');
      return openDynamic(file, footer, first.dataOffset, problems);
    case TYPE_DYNAMIC:
      return openDynamic(file, footer, footer.dataOffset, problems);
    case TYPE_DIFFERENCING:
      return refuseDifferencing(file, footer);
    default:
      throw new DiskError(
        'unsupported',
        'VHD',
        `is of type ${footer.diskType}, expected 2 (fixed) or 3 (dynamic)`,
        footer.offset,
      );
  }
}

function footerAtEnd(file: BlockDevice): VhdFooter | undefined {
  for (const size of [FOOTER_SIZE, FOOTER_SIZE - 1]) {
    if (file.size < size) continue;
    const offset = file.size - size;
    const footer = parseFooter(file.read(offset, size), offset);
    if (footer) return footer;
  }
  return footerBeforePadding(file);
}

/** The footer of a fixed disk that only zeros follow. */
function footerBeforePadding(file: BlockDevice): VhdFooter | undefined {
  if (file.size < 2 * SECTOR) return undefined;
  // Most disks end in a GPT, which spares the search.
  if (file.size % SECTOR === 0 && !isAllZero(file.read(file.size - SECTOR, SECTOR))) return undefined;
  // A sector more than the longest needs, as no footer is the first thing of a file.
  const start = Math.max(0, Math.floor((file.size - LONGEST_PADDING) / SECTOR - 2) * SECTOR);
  const end = file.read(start, file.size - start);
  for (let at = end.lastIndexOf(COOKIE_START); at > 0; at = end.lastIndexOf(COOKIE_START, at - 1)) {
    if (at % SECTOR !== 0) continue;
    const footer = parseFooter(end.subarray(at, at + FOOTER_SIZE), start + at);
    if (!footer) continue;
    const isWhole = footer.diskType === TYPE_FIXED && hasRightChecksum(footer) && footer.currentSize === footer.offset;
    return isWhole && isAllZero(end.subarray(at + FOOTER_SIZE)) ? footer : undefined;
  }
  return undefined;
}

/** The copy that dynamic disks have; what a fixed disk has there is its own first sector. */
function footerAtStart(file: BlockDevice): VhdFooter | undefined {
  if (file.size < FOOTER_SIZE) return undefined;
  const footer = parseFooter(file.read(0, FOOTER_SIZE), 0);
  if (!footer) return undefined;
  const isDynamic = footer.diskType === TYPE_DYNAMIC || footer.diskType === TYPE_DIFFERENCING;
  return isDynamic || hasDynamicHeader(file, footer.dataOffset) ? footer : undefined;
}

function chooseFooter(last: VhdFooter, first: VhdFooter | undefined, problems: string[]): VhdFooter {
  if (last.diskType === TYPE_FIXED) return last;
  if (!first) {
    problems.push('the copy of the footer at the start is missing');
    return last;
  }
  if (!hasRightChecksum(last) && hasRightChecksum(first)) {
    problems.push('the footer at the end is damaged; its copy at the start was used');
    return first;
  }
  if (last.storedChecksum !== first.storedChecksum)
    problems.push('the footer at the end and its copy at the start differ; the one at the end was used');
  return last;
}

function openFixed(file: BlockDevice, footer: VhdFooter, problems: string[]): OpenedContainer {
  const { currentSize } = footer;
  if (footer.offset !== currentSize)
    problems.push(`the footer gives a disk of ${currentSize} bytes, but ${footer.offset} bytes stand before it`);
  const behind = file.size - footer.offset - FOOTER_SIZE;
  if (behind > 0) problems.push(`${behind} bytes stand behind the footer, which has to be the last of the file`);
  // No disk is that small: the field is damaged, and the file still shows where the disk ends.
  const size = currentSize < SECTOR ? footer.offset : Math.min(currentSize, footer.offset);
  return {
    container: { format: 'vhd', type: 'fixed', fileSize: file.size, virtualSize: currentSize, footer, problems },
    disk: sliceDevice(file, 0, size, 'VHD'),
  };
}
