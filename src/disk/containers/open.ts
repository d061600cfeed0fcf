import type { BlockDevice } from '../block-device.ts';
import type { Codecs } from '../codecs.ts';
import type { OpenedContainer } from '../container.ts';
import { DiskError } from '../disk-error.ts';
import { refuseForeign } from './foreign.ts';
import { isQcow2, openQcow2 } from './qcow2.ts';
import { openVhd } from './vhd.ts';
import { isVhdx, openVhdx } from './vhdx.ts';

const SMALLEST = 512;

/**
 * Tells by content, never by name, what container the file is, and opens the disk in it.
 *
 * @throws {DiskError} when it is of a kind that is not read, damaged, encrypted, or refers to another file
 */
export function openContainer(file: BlockDevice, codecs: Codecs): OpenedContainer {
  if (file.size === 0) throw new DiskError('corrupt', 'file', 'is empty');
  const opened = open(file, codecs);
  const { size } = opened.disk;
  if (size < SMALLEST)
    throw new DiskError(
      'corrupt',
      opened.container.format === 'raw' ? 'file' : 'disk',
      `has ${size} bytes; the smallest disk is one sector of ${SMALLEST}`,
    );
  return opened;
}

function open(file: BlockDevice, codecs: Codecs): OpenedContainer {
  if (isQcow2(file)) return openQcow2(file, codecs);
  if (isVhdx(file)) return openVhdx(file);
  const vhd = openVhd(file);
  if (vhd) return vhd;
  refuseForeign(file);
  return { container: { format: 'raw', fileSize: file.size, virtualSize: file.size }, disk: file };
}
