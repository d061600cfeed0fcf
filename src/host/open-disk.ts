import { openContainer } from '../disk/containers/open.ts';
import type { Disk } from '../disk/disk.ts';
import { btrfs } from '../disk/filesystems/btrfs/format.ts';
import { ext } from '../disk/filesystems/ext/format.ts';
import { fat } from '../disk/filesystems/fat/format.ts';
import { xfs } from '../disk/filesystems/xfs/format.ts';
import { openDisk } from '../disk/open-disk.ts';
import { pageCache } from '../disk/page-cache.ts';
import type { FileUsage } from '../image/image.ts';
import { nodeCodecs } from './codecs.ts';
import { FileDevice } from './file-device.ts';

/** A disk whose file stays open. */
interface OpenedDisk {
  readonly disk: Disk;
  readonly usage: () => FileUsage;
  /** Lets go of the file. */
  readonly close: () => void;
}

/**
 * Opens a disk image, or a block device, for reading only.
 *
 * Throws a `DiskError` when it is no disk that is read here, and the system's error when it cannot be opened.
 */
export function openDiskFile(path: string): OpenedDisk {
  const file = new FileDevice(path);
  try {
    const { container, disk: device } = openContainer(pageCache(file), nodeCodecs);
    return {
      disk: openDisk(container, device, [ext, xfs, btrfs, fat], nodeCodecs),
      usage: () => file.usage,
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}
