import type { RootFs } from '../../image/root-fs.ts';

/** A file that a boot entry names. */
export interface BootFile {
  /** As the entry writes it: from the root of the partition that the loader reads. */
  readonly written: string;
  /** Where it lies in the image; undefined when it is in none of the places that the loader may mean. */
  readonly path?: string;
  /** Bytes. */
  readonly size?: number;
}

/** Mount points of the partitions that a boot loader reads, the root file system first. */
const PARTITIONS = ['', '/boot', '/boot/efi', '/efi'] as const;

/**
 * Looks where the loader would: it counts paths from the root of its own partition, which may be mounted at /boot or be
 * the EFI system partition, and of a btrfs partition the path begins with the subvolume.
 */
export function locateBootFile(rootFs: RootFs, written: string): BootFile {
  const plain = written.replace(/^\([^)]*\)/, '').replace(/^(?!\/)/, '/');
  const paths = /^\/@/.test(plain) ? [plain, plain.replace(/^\/@[^/]*/, '')] : [plain];
  for (const candidate of PARTITIONS.flatMap((partition) => paths.map((path) => `${partition}${path}`))) {
    const status = rootFs.stat(candidate);
    if (status?.type === 'file') return { written, path: rootFs.realPath(candidate) ?? candidate, size: status.size };
  }
  return { written };
}

/** Names under which the tools of the distributions put the initramfs of a kernel. */
export function conventionalInitramfs(rootFs: RootFs, release: string): BootFile[] {
  const names = [
    `/boot/initrd.img-${release}`,
    `/boot/initramfs-${release}.img`,
    `/boot/initrd-${release}`,
    `/usr/lib/modules/${release}/initrd`,
    `/usr/lib/modules/${release}/initramfs.img`,
  ];
  for (const written of names) {
    const status = rootFs.stat(written);
    if (status?.type === 'file') return [{ written, path: rootFs.realPath(written) ?? written, size: status.size }];
  }
  return [];
}
