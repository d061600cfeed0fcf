import {
  LINUX_IMAGE_HEADER_LENGTH,
  type LinuxImageHeader,
  parseLinuxImageHeader,
  releaseOf,
} from '../../formats/linux-image.ts';
import { attempt, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';

const IN_NAME = /(?:^|\/)(?:vmlinuz|vmlinux|Image|bzImage|kernel|linux)-(\d[^/]*?)(?:\.(?:efi|gz))?$/;
/** The module tree of the kernel, or systemd's `MACHINE-ID/RELEASE/linux`. */
const IN_FOLDER = /\/(?:lib\/modules|[0-9a-f]{32})\/(\d[^/]*)\/[^/]+$/;
/** Bytes of the version string of a kernel image, more than any has. */
const VERSION_LENGTH = 128;

/** Release of a kernel image: by its name or folder, else by the version string in the image itself. */
export function kernelRelease(rootFs: RootFs, written: string, path: string | undefined): string | undefined {
  for (const candidate of path === undefined ? [written] : [path, written]) {
    const release = IN_NAME.exec(candidate)?.[1] ?? IN_FOLDER.exec(candidate)?.[1];
    if (release !== undefined) return release;
  }
  return path === undefined ? undefined : releaseInImage(rootFs, path);
}

/** Header of a kernel image; undefined for anything else. */
export function kernelHeader(rootFs: RootFs, path: string): LinuxImageHeader | undefined {
  const start = rootFs.readBytes(path, 0, LINUX_IMAGE_HEADER_LENGTH);
  return start && parseLinuxImageHeader(start);
}

function releaseInImage(rootFs: RootFs, path: string): string | undefined {
  // A release that cannot be read is as good as none; who asks for the header hears of it.
  const version = attempt(() => {
    const offset = kernelHeader(rootFs, path)?.versionOffset;
    return offset === undefined ? undefined : rootFs.readBytes(path, offset, VERSION_LENGTH);
  });
  return version && !isCouldNotRead(version) ? releaseOf(version) : undefined;
}
