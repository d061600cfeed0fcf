import type { Compression } from '../engine/host.ts';
import { isTarHeader, TAR_BLOCK } from '../image/tar-header.ts';
import { TarTree } from '../image/tar-tree.ts';
import { FileDevice } from './file-device.ts';

/** An archive that stays open for the contents of its files. */
export interface OpenedTar {
  readonly tree: TarTree;
  readonly compression: Compression | undefined;
  /** What was read so far from the archive, or from the file that it was unpacked to. */
  readonly usage: { readonly bytesRead: number; readonly reads: number };
  /** Lets go of the file, and of the temporary file with it. */
  readonly close: () => void;
}

const magics: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['bzip2', [0x42, 0x5a, 0x68]],
];

/**
 * Opens a tar archive, plain or compressed by gzip, zstd, xz or bzip2, which its content tells, not its name.
 * Undefined when the file is none; then no more than its first blocks were read or decompressed.
 *
 * Throws a `DiskError` when the archive is damaged, cannot be unpacked or is the image of a container, and the system's
 * error when the file cannot be opened.
 */
export async function openTar(path: string): Promise<OpenedTar | undefined> {
  const file = new FileDevice(path);
  let device: FileDevice | undefined;
  try {
    const start = file.read(0, Math.min(TAR_BLOCK, file.size));
    const compression = magics.find(([, magic]) => magic.every((byte, index) => start[index] === byte))?.[0];
    if (compression) {
      // Decoders and temporary files: a disk is looked at here too and needs none of it.
      const { unpackTar } = await import('./unpack-tar.ts');
      device = await unpackTar(file, compression);
    } else if (isTarHeader(start)) device = file;
    return device && opened(device, compression);
  } catch (error) {
    if (device !== file) device?.close();
    device = undefined;
    throw error;
  } finally {
    if (device !== file) file.close();
  }
}

function opened(device: FileDevice, compression: Compression | undefined): OpenedTar {
  return {
    tree: new TarTree(device),
    compression,
    get usage() {
      return device.usage;
    },
    close: () => device.close(),
  };
}
