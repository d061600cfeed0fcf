import type { BlockDevice } from '../block-device.ts';
import { hasMagic, viewOf } from '../bytes.ts';
import { DiskError } from '../disk-error.ts';

const LONGEST_NAME = 1023;
const NAME_OF_DATA_FILE = 0x44415441;
/** Header extensions that are looked through for a name. */
const MOST_EXTENSIONS = 32;
const LUKS = 2;

/**
 * The names of other files are only for the message: an image must not make the reader open what it names.
 *
 * @throws {DiskError} when a part of the disk is in another file, or only a key opens it
 */
export function refuseForeignFiles(
  file: BlockDevice,
  header: DataView,
  headerSize: number,
  hasDataFile: boolean,
): void {
  const advice = 'make one file of it: qemu-img convert -f qcow2 -O vpc -o subformat=fixed,force_size=on FILE disk.vhd';
  const nameOffset = Number(header.getBigUint64(8));
  if (nameOffset !== 0)
    throw new DiskError(
      'unsupported',
      'qcow2',
      `holds only what differs from its backing file ${nameAt(file, nameOffset, header.getUint32(16))}`,
      undefined,
      advice,
    );
  if (hasDataFile)
    throw new DiskError(
      'unsupported',
      'qcow2',
      `keeps its data in another file${dataFileName(file, headerSize)}`,
      undefined,
      advice,
    );
  const method = header.getUint32(32);
  if (method === 0) return;
  throw new DiskError(
    'encrypted',
    'qcow2',
    `is encrypted (${method === LUKS ? 'LUKS' : 'AES'}); only its key opens it`,
    undefined,
    'decrypt it: qemu-img convert --object secret,id=key,file=KEYFILE --image-opts ' +
      'driver=qcow2,encrypt.key-secret=key,file.filename=FILE -O vpc -o subformat=fixed,force_size=on disk.vhd',
  );
}

function nameAt(file: BlockDevice, offset: number, length: number): string {
  const available = Math.max(0, Math.min(length, LONGEST_NAME, file.size - offset));
  return available === 0 ? '' : new TextDecoder().decode(file.read(offset, available));
}

function dataFileName(file: BlockDevice, headerSize: number): string {
  for (let at = headerSize, count = 0; at + 8 <= file.size && count < MOST_EXTENSIONS; count++) {
    const extension = file.read(at, 8);
    const view = viewOf(extension);
    const length = view.getUint32(4);
    if (hasMagic(extension, 0, '\0\0\0\0')) break;
    if (view.getUint32(0) === NAME_OF_DATA_FILE) return ` ${nameAt(file, at + 8, length)}`;
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return '';
}
