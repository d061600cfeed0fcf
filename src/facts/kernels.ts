import { defineFact } from '../engine/define.ts';
import { compareVersions } from '../formats/version-order.ts';
import type { RootFs } from '../image/root-fs.ts';

/** A kernel that is in the image. */
export interface InstalledKernel {
  readonly release: string;
  /** Directory with its modules, links resolved by the reader: /usr/lib/modules/RELEASE. */
  readonly modules?: string;
  /** Path of the kernel image. */
  readonly image?: string;
}

const MODULE_TREES = ['/usr/lib/modules', '/lib/modules'] as const;
const BOOT_IMAGE = /^(?:vmlinuz|vmlinux|Image|bzImage)-(.+)$/;

/** Kernels with their module tree and image, newest last. */
export const installedKernels = defineFact<readonly InstalledKernel[]>({
  id: 'installed-kernels',
  description: 'Kernels by module directory and by kernel image in /boot, newest last.',
  reads: ['/usr/lib/modules/*', '/lib/modules/*', '/boot/vmlinuz-*'],
  compute({ rootFs }) {
    const found = new Map<string, InstalledKernel>();
    for (const tree of MODULE_TREES) {
      for (const release of list(rootFs, tree)) {
        const modules = `${tree}/${release}`;
        if (found.has(release) || rootFs.stat(modules)?.type !== 'directory') continue;
        const image = `${modules}/vmlinuz`;
        const hasImage = rootFs.stat(image) !== undefined;
        const hasIndex = ['modules.dep', 'modules.dep.bin'].some(
          (name) => rootFs.stat(`${modules}/${name}`) !== undefined,
        );
        if (!hasImage && !hasIndex) continue;
        found.set(release, { release, modules, ...(hasImage && { image }) });
      }
    }
    for (const name of list(rootFs, '/boot')) {
      const release = BOOT_IMAGE.exec(name)?.[1];
      // A rescue kernel of dracut is a copy under a name that is no release.
      if (release === undefined || /rescue/.test(release)) continue;
      found.set(release, { release, ...found.get(release), image: `/boot/${name}` });
    }
    return [...found.values()].sort((a, b) => compareVersions(a.release, b.release));
  },
});

/** Releases of the kernels in the image, newest last. */
export const kernels = defineFact<readonly string[]>({
  id: 'kernels',
  description: 'Releases of the kernels in the image, newest last.',
  reads: installedKernels.reads,
  async compute(context) {
    return (await context.get(installedKernels)).map(({ release }) => release);
  },
});

function list(rootFs: RootFs, path: string): string[] {
  if (rootFs.stat(path)?.type !== 'directory') return [];
  return (rootFs.readDir(path) ?? []).map(({ name }) => name);
}
