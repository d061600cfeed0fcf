import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { LinuxImageHeader } from '../formats/linux-image.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { type BootFile, conventionalInitramfs, locateBootFile } from './boot-kernels/boot-files.ts';
import { kernelHeader, kernelRelease } from './boot-kernels/release.ts';
import { readUnifiedKernel, type UnifiedKernel } from './boot-kernels/unified.ts';
import { type BootEntry, kernelCommandLine } from './kernel-command-line.ts';
import { type InstalledKernel, installedKernels } from './kernels.ts';

export type { BootFile } from './boot-kernels/boot-files.ts';

/** A boot entry with the files that it names. */
export interface LocatedBootEntry {
  readonly entry: BootEntry;
  readonly kernel: BootFile;
  readonly initrds: readonly BootFile[];
  /** Set when the kernel is a unified image, with an initramfs of its own. */
  readonly unified?: UnifiedKernel;
}

/** A stretch of a file that holds an initramfs, or a part of one. */
export interface InitramfsPart {
  readonly path: string;
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
}

/** A kernel that the VM may boot by default. */
export interface BootKernel {
  /** Undefined when neither its name nor its header tells. */
  readonly release?: string;
  /** Path of the kernel image; undefined when it is not there. */
  readonly image?: string;
  /** Undefined when the image has no module tree of this release. */
  readonly modules?: string;
  /** Whether depmod has made the index without which no module is found. */
  readonly hasModuleIndex: boolean;
  /** Undefined for a file without the header of a kernel, and for a unified image. */
  readonly header?: LinuxImageHeader;
  readonly headerUnread?: CouldNotRead;
  /** Where its initramfs lies; empty when there is none, or when no entry loads one. */
  readonly initramfs: readonly InitramfsPart[];
  /** Default entries that boot it; none when it was found without a boot menu. */
  readonly entries: readonly LocatedBootEntry[];
  readonly evidence: Evidence;
}

export interface BootKernels {
  /** Every entry of the boot menu. */
  readonly entries: readonly LocatedBootEntry[];
  /** What boots by default: usually one; several when a condition cannot be evaluated. */
  readonly kernels: readonly BootKernel[];
  /** What the choice of `kernels` rests on. */
  readonly chosenBy: 'boot-menu' | 'kernel-link' | 'newest' | 'nothing';
}

const LINKS = ['/boot/vmlinuz', '/vmlinuz', '/boot/Image'] as const;
const INITRAMFS_LINKS = ['/boot/initrd.img', '/boot/initrd', '/initrd.img'] as const;

/** The kernels that boot by default, with their files. */
export const bootKernels = defineFact<BootKernels>({
  id: 'boot-kernels',
  description: 'Kernel, initramfs and module tree of each default boot entry, and the files that other entries name.',
  reads: [...kernelCommandLine.reads, ...installedKernels.reads, '/{boot,efi,boot/efi}/EFI/Linux/*.efi'],
  async compute(context) {
    const { rootFs } = context;
    const installed = await context.get(installedKernels);
    const menu = await context.get(kernelCommandLine);
    const entries = menu.entries.map((entry) => locate(rootFs, entry));
    const defaults = entries.filter(({ entry }) => entry.isDefault);
    if (defaults.length > 0) return { entries, kernels: byKernel(rootFs, defaults, installed), chosenBy: 'boot-menu' };

    const link = LINKS.find((path) => rootFs.stat(path)?.type === 'file');
    const newest = installed.at(-1);
    const image = link ?? newest?.image;
    if (image === undefined && newest === undefined) return { entries, kernels: [], chosenBy: 'nothing' };
    const kernel = image === undefined ? undefined : locateBootFile(rootFs, image);
    const release = kernel
      ? (kernelRelease(rootFs, kernel.written, kernel.path) ?? onlyTree(installed))
      : newest?.release;
    const initrdLink = INITRAMFS_LINKS.find((path) => link !== undefined && rootFs.stat(path)?.type === 'file');
    const files =
      initrdLink !== undefined ? [locateBootFile(rootFs, initrdLink)] : conventionalInitramfs(rootFs, release ?? '');
    return {
      entries,
      kernels: [
        {
          ...identity(rootFs, release, kernel?.path),
          initramfs: parts(files),
          entries: [],
          evidence: { path: kernel?.path ?? newest?.modules ?? '/boot' },
        },
      ],
      chosenBy: link !== undefined ? 'kernel-link' : 'newest',
    };
  },
});

function locate(rootFs: RootFs, entry: BootEntry): LocatedBootEntry {
  if (entry.kernel === undefined) {
    const { path } = entry.evidence;
    const size = rootFs.stat(path)?.size ?? 0;
    return { entry, kernel: { written: path, path, size }, initrds: [], unified: readUnifiedKernel(rootFs, path) };
  }
  const initrds = entry.initrds.map((written) => locateBootFile(rootFs, written));
  return { entry, kernel: locateBootFile(rootFs, entry.kernel), initrds };
}

/** Entries of one kernel together: of an attempt without an initramfs and the one after it, both boot the same. */
function byKernel(
  rootFs: RootFs,
  entries: readonly LocatedBootEntry[],
  installed: readonly InstalledKernel[],
): BootKernel[] {
  const groups = new Map<string, LocatedBootEntry[]>();
  for (const located of entries) {
    const key = located.kernel.path ?? located.kernel.written;
    groups.set(key, [...(groups.get(key) ?? []), located]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { kernel, unified } = first;
    const release =
      unified?.release ??
      kernelRelease(rootFs, kernel.written, kernel.path) ??
      (kernel.path === undefined ? undefined : onlyTree(installed));
    const second = release === undefined ? [] : conventionalInitramfs(rootFs, release);
    const inside = unified?.initrd && kernel.path !== undefined ? [{ path: kernel.path, ...unified.initrd }] : [];
    const files = new Map(
      group.flatMap(({ initrds }) => initrds.map((file) => [file.path ?? file.written, file] as const)),
    );
    return {
      ...identity(rootFs, release, kernel.path),
      initramfs: [
        ...inside,
        ...parts(files.size === 0 && group.every(hasSecondAttempt) ? second : [...files.values()]),
      ],
      entries: group,
      evidence: first.entry.evidence,
    };
  });
}

/**
 * Ubuntu's 10_linux boots without an initramfs first, with `panic=-1`; the kernel that fails restarts the machine, and
 * GRUB then takes the initramfs (`initrdless_boot_fallback_triggered` of its grub-initrd-fallback).
 */
function hasSecondAttempt({ entry }: LocatedBootEntry): boolean {
  return entry.parameters.some(({ text }) => text === 'panic=-1');
}

function identity(rootFs: RootFs, release: string | undefined, image: string | undefined) {
  const folders = release === undefined ? [] : ['/usr/lib/modules', '/lib/modules'].map((tree) => `${tree}/${release}`);
  const modules = folders.find((folder) => rootFs.stat(folder)?.type === 'directory');
  const index = ['modules.dep', 'modules.dep.bin'];
  const header = image === undefined ? undefined : attempt(() => kernelHeader(rootFs, image));
  return {
    ...(release !== undefined && { release }),
    ...(image !== undefined && { image }),
    ...(modules !== undefined && { modules }),
    hasModuleIndex: index.some((name) => modules !== undefined && rootFs.stat(`${modules}/${name}`)?.type === 'file'),
    ...(isCouldNotRead(header) ? { headerUnread: header } : header && { header }),
  };
}

/** A kernel image without a release in its name can only belong to the one module tree that there is. */
function onlyTree(installed: readonly InstalledKernel[]): string | undefined {
  const trees = installed.filter(({ modules }) => modules !== undefined);
  return trees.length === 1 ? trees[0]?.release : undefined;
}

function parts(files: readonly BootFile[]): InitramfsPart[] {
  return files.flatMap(({ path, size }) => (path === undefined || !size ? [] : [{ path, offset: 0, size }]));
}
