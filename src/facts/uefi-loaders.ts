import { defineFact, type FactContext } from '../engine/define.ts';
import { parsePeMachine } from '../formats/pe-machine.ts';
import { PE_HEADERS_LENGTH, parsePeSections } from '../formats/pe-sections.ts';
import { type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import { isMissingVolume } from '../image/missing-volumes.ts';
import type { RootFs } from '../image/root-fs.ts';
import { type EfiFiles, efiFiles, efiPartition } from './disk/efi-partition.ts';
import { grubMenus } from './grub-menus.ts';

/** A program for the firmware. */
export interface UefiProgram {
  readonly path: string;
  /** File name in lower case; the file system does not distinguish. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** `IMAGE_FILE_MACHINE_*`: 0x8664 x86-64, 0xAA64 AArch64; undefined for a file that is no PE program. */
  readonly machine?: number;
  readonly kind: 'shim' | 'grub' | 'systemd-boot' | 'unified-kernel' | 'other';
}

export interface UefiLoaders {
  /** Directory where the EFI system partition is; undefined when no directory of the target holds one. */
  readonly partition?: string;
  /** Why the partition that fstab names cannot be seen. */
  readonly elsewhere?: string;
  /** Programs in EFI/BOOT, the folder that firmware without stored entries tries. */
  readonly fallback: readonly UefiProgram[];
  /** Folders of EFI with a BOOT*.CSV, from which shim's fallback program creates an entry. */
  readonly withCsv: readonly string[];
  /** Every grub.cfg on the partition. */
  readonly configurations: readonly { readonly path: string; readonly hasMenu: boolean }[];
  /** An archive with grub.cfg that was built into GRUB, as Flatcar's `grub_install.sh` leaves it on the partition. */
  readonly hasBuiltInConfiguration: boolean;
  /** Entries or unified kernels for systemd-boot. */
  readonly hasSystemdBootEntries: boolean;
}

const PARTITIONS = ['/boot/efi', '/efi', '/boot'] as const;
const NOTHING: UefiLoaders = {
  fallback: [],
  withCsv: [],
  configurations: [],
  hasBuiltInConfiguration: false,
  hasSystemdBootEntries: false,
};
/** Bytes; the words by which shim names itself are a few hundred. */
const LARGEST_IDENTITY = 16_384;
const MOST_SECTIONS = 32;

/** Boot loaders on the EFI system partition. */
export const uefiLoaders = defineFact<UefiLoaders>({
  id: 'uefi-loaders',
  description: 'Programs of the fallback path and configurations on the EFI system partition.',
  reads: PARTITIONS.map((partition) => `${partition}/EFI/**`),
  async compute(context) {
    const { rootFs, disk } = context;
    if (disk) {
      const partition = await context.get(efiPartition);
      const files = partition && efiFiles(context, partition);
      return files ? ((await describeAt(context, files)) ?? NOTHING) : NOTHING;
    }
    let elsewhere: string | undefined;
    for (const top of PARTITIONS) {
      const found = await attemptAsync(() => describeAt(context, { rootFs, top, shownTop: top }));
      if (!isCouldNotRead(found)) {
        if (found) return found;
      } else if (isMissingVolume(found)) elsewhere ??= found.message;
      else throw found;
    }
    return { ...NOTHING, ...(elsewhere !== undefined && { elsewhere }) };
  },
});

/** Undefined when there is no directory EFI. */
async function describeAt(context: FactContext, files: EfiFiles): Promise<UefiLoaders | undefined> {
  const { rootFs, top } = files;
  const efi = child(rootFs, top, 'efi');
  if (efi === undefined || efi === '/boot/efi' || rootFs.stat(efi)?.type !== 'directory') return undefined;
  if (rootFs !== context.rootFs)
    return describe(files, efi, (path) => /^\s*menuentry\b/m.test(rootFs.readText(path) ?? ''));
  const menus = await context.get(grubMenus);
  const withMenu = new Set(
    menus.flatMap(({ realPath, configuration }) => (configuration.menu.length > 0 ? [realPath] : [])),
  );
  return describe(files, efi, (path) => withMenu.has(rootFs.realPath(path) ?? path));
}

async function attemptAsync<T>(read: () => Promise<T>): Promise<T | CouldNotRead> {
  try {
    return await read();
  } catch (error) {
    if (isCouldNotRead(error)) return error;
    throw error;
  }
}

function describe({ rootFs, top, shownTop }: EfiFiles, efi: string, hasMenu: (path: string) => boolean): UefiLoaders {
  const boot = child(rootFs, efi, 'boot');
  const folders = list(rootFs, efi).map((name) => `${efi}/${name}`);
  const files = [...rootFs.walk(top || '/', { maxDepth: 5 })].map(({ path }) => path);
  const linux = child(rootFs, efi, 'linux');
  const loader = child(rootFs, top, 'loader');
  const entries = loader === undefined ? undefined : child(rootFs, loader, 'entries');
  const show = (path: string) => `${shownTop}${path.slice(top.length)}`;
  const programs = (folder: string) =>
    list(rootFs, folder).flatMap((name) => program(rootFs, `${folder}/${name}`, show));
  return {
    partition: shownTop,
    fallback: boot === undefined ? [] : programs(boot),
    withCsv: folders.filter((folder) => list(rootFs, folder).some((name) => /^boot.*\.csv$/i.test(name))).map(show),
    configurations: files
      .filter((path) => /\/grub\.cfg$/i.test(path))
      .map((path) => ({ path: show(path), hasMenu: hasMenu(path) })),
    hasBuiltInConfiguration: files.some((path) => /\/grub\.cfg\.tar$/i.test(path)),
    hasSystemdBootEntries: [linux, entries].some(
      (folder) => folder !== undefined && list(rootFs, folder).some((name) => /\.(?:efi|conf)$/i.test(name)),
    ),
  };
}

function program(rootFs: RootFs, path: string, show: (path: string) => string): UefiProgram[] {
  const status = rootFs.stat(path);
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  if (status?.type !== 'file' || !name.endsWith('.efi')) return [];
  const head = rootFs.readBytes(path, 0, PE_HEADERS_LENGTH) ?? new Uint8Array();
  const machine = parsePeMachine(head);
  const kind = kindOf(rootFs, path, head);
  return [{ path: show(path), name, size: status.size, kind, ...(machine !== undefined && { machine }) }];
}

/** By section names, and for shim by the words of its section `.data.ident`, whose name does not fit into the table. */
function kindOf(rootFs: RootFs, path: string, head: Uint8Array): UefiProgram['kind'] {
  const sections = parsePeSections(head) ?? [];
  const has = (wanted: string) => sections.some(({ name }) => name === wanted);
  if (has('.linux')) return 'unified-kernel';
  if (has('mods')) return 'grub';
  if (has('.sdmagic')) return 'systemd-boot';
  const small = sections.filter(({ size }) => size <= LARGEST_IDENTITY).slice(0, MOST_SECTIONS);
  const isShim = small.some(({ offset, size }) => {
    const bytes = rootFs.readBytes(path, offset, size) ?? new Uint8Array();
    return new TextDecoder('latin1').decode(bytes).includes('UEFI SHIM');
  });
  return isShim ? 'shim' : 'other';
}

/** An entry by its name in any case, as on a FAT file system. */
function child(rootFs: RootFs, directory: string, name: string): string | undefined {
  const found = list(rootFs, directory).find((candidate) => candidate.toLowerCase() === name);
  return found === undefined ? undefined : `${directory}/${found}`;
}

function list(rootFs: RootFs, folder: string): string[] {
  const directory = folder || '/';
  if (rootFs.stat(directory)?.type !== 'directory') return [];
  return (rootFs.readDir(directory) ?? []).map(({ name }) => name);
}
