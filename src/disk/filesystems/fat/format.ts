import { decodeName } from '../../../files/names.ts';
import type { BlockDevice } from '../../block-device.ts';
import { DiskError } from '../../disk-error.ts';
import type { FileSystem, FileSystemFormat } from '../../file-system.ts';
import { type BootSector, findBootSector, parseBootSector } from './boot-sector.ts';
import { complaintsOf } from './complaints.ts';
import { volumeLabel } from './directory.ts';
import { FatTree } from './file-tree.ts';

const SECTOR = 512;
const NO_LABEL = 'NO NAME';

/**
 * FAT12, FAT16 and FAT32 with long names, as Linux mounts them under the name of vfat: by Microsoft's specification of
 * 2000-12-06 where fs/fat of the kernel has no opinion of its own.
 */
export const fat: FileSystemFormat = {
  name: 'vfat',
  recognises: (device) => findBootSector(device) !== undefined,
  open,
};

function open(device: BlockDevice): FileSystem {
  if (device.size < SECTOR) throw new DiskError('corrupt', 'FAT boot sector', `is cut short: ${device.size} bytes`);
  const offset = findBootSector(device) ?? 0;
  const boot = parseBootSector(device.read(offset, SECTOR), offset);
  const tree = new FatTree(device, boot);
  return {
    type: 'vfat',
    uuid: uuidOf(boot),
    label: labelOf(tree),
    size: boot.size,
    blockSize: boot.sectorSize,
    features: [`FAT${boot.width}`],
    state: { kind: 'clean' },
    complaints: complaintsOf(device, boot),
    tree,
  };
}

/** The serial number as blkid and /etc/fstab spell it. */
function uuidOf({ volumeId }: BootSector): string | undefined {
  if (volumeId === undefined) return undefined;
  const digits = volumeId.toString(16).toUpperCase().padStart(8, '0');
  return `${digits.slice(0, 4)}-${digits.slice(4)}`;
}

/**
 * The entry in the root directory. The label in the boot sector is not read: since version 2.33 libblkid, and with it
 * `LABEL=` in /etc/fstab, knows it as LABEL_FATBOOT only.
 */
function labelOf(tree: FatTree): string | undefined {
  const bytes = volumeLabel(tree.rootBytes());
  const label = bytes && decodeName(bytes).replace(/\0.*/s, '').trimEnd();
  return label === undefined || label === '' || label === NO_LABEL ? undefined : label;
}
