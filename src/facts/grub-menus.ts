import { defineFact } from '../engine/define.ts';
import { type GrubConfiguration, type GrubSurroundings, parseGrubCfg } from '../formats/grub-cfg.ts';
import { parseGrubEnvironment } from '../formats/grubenv.ts';
import { attempt, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { expandGlob } from './expand-glob.ts';

/** One grub.cfg as GRUB runs it. */
export interface GrubMenuFile {
  readonly path: string;
  /** The same with links resolved. */
  readonly realPath: string;
  readonly text: string;
  readonly configuration: GrubConfiguration;
}

const BIOS_FILES = ['/boot/grub2/grub.cfg', '/boot/grub/grub.cfg'] as const;
/** EL 7 keeps the menu itself there; later systems a stub, which has no entries. */
const EFI_FILES = '/boot/efi/EFI/*/grub.cfg';

/** Every grub.cfg of the image, once each, however many links lead to it. */
export const grubMenus = defineFact<readonly GrubMenuFile[]>({
  id: 'grub-menus',
  description: 'Each grub.cfg of the image with its menu, its default and its variables.',
  reads: ['/boot/grub{,2}/{grub.cfg,grubenv}', EFI_FILES],
  compute({ rootFs }) {
    const read = reader(rootFs);
    const bios = BIOS_FILES.flatMap(read);
    const efi = attempt(() => expandGlob(rootFs, EFI_FILES).flatMap(read));
    if (!isCouldNotRead(efi)) return [...bios, ...efi];
    // A menu in /boot is what both firmwares show, unless the system partition has one of its own.
    if (!bios.some(({ configuration }) => configuration.menu.length > 0)) throw efi;
    return bios;
  },
});

function reader(rootFs: RootFs): (path: string) => GrubMenuFile[] {
  const seen = new Set<string>();
  return (path) => {
    const realPath = rootFs.realPath(path);
    if (realPath === undefined || seen.has(realPath)) return [];
    seen.add(realPath);
    const text = rootFs.readText(path) ?? '';
    return [{ path, realPath, text, configuration: parseGrubCfg(text, surroundingsOf(rootFs, path)) }];
  };
}

function isMenu(rootFs: RootFs, path: string): boolean {
  const real = rootFs.realPath(path);
  return BIOS_FILES.some((file) => rootFs.realPath(file) === real) || /^\/boot\/efi\/EFI\/[^/]+\/grub\.cfg$/.test(path);
}

/** A device that is certainly not the OS disk: another disk, the network, memory. */
const foreignDevice = /^(?:[hcf]d[1-9]\d*|fd0|cd0?)(?:,|$)|^(?:memdisk|tftp|http|https|pxe|proc|usb\d*)\b/;

/** Paths in a grub.cfg start at the partition that holds /boot, which may be the root file system or not. */
function surroundingsOf(rootFs: RootFs, grubCfg: string): GrubSurroundings {
  const directory = grubCfg.slice(0, grubCfg.lastIndexOf('/'));
  const locate = (path: string) => {
    const [, device, rest = path] = /^\(([^)]*)\)(\/.*)$/.exec(path) ?? [];
    const name = rest.slice(rest.lastIndexOf('/') + 1);
    const own = /^\$(?:prefix|config_directory)(\/.+)$/.exec(rest)?.[1];
    if (own !== undefined) return [`${directory}${own}`, `${directory}/${name}`, `/boot/${name}`];
    if (rest.startsWith('$')) return [`${directory}/${name}`, `/boot/${name}`];
    if (!rest.startsWith('/') || (device !== undefined && foreignDevice.test(device))) return [];
    // Flatcar looks for its OEM partition; with btrfs the path begins with a subvolume.
    const inVolume = /\/(?:boot\/)?grub2?\/.*$/.exec(rest)?.[0] ?? rest;
    const onOem = device === '$oem' ? [`/oem${rest}`, `/usr/share/oem${rest}`] : [];
    return [...onOem, rest, `/boot${rest}`, inVolume, `/boot${inVolume}`];
  };
  const find = (path: string) => locate(path).find((candidate) => rootFs.stat(candidate)?.type === 'file');
  /** In GRUB's own directory, which is this one. */
  const isOwn = (path: string) => /^\$(?:prefix|config_directory)\//.test(path) || path.startsWith(`${directory}/`);
  return {
    file: (path) => {
      const file = find(path);
      if (file !== undefined) return { path: file, text: rootFs.readText(file) ?? '', isMenu: isMenu(rootFs, file) };
      if (isOwn(path)) return 'absent';
      const isForeign = foreignDevice.test(/^\(([^)]*)\)/.exec(path)?.[1] ?? '');
      return { reason: isForeign ? 'is on another device' : 'is nowhere in this image', isSure: isForeign };
    },
    environment: (path) => {
      const file = find(path ?? '$prefix/grubenv');
      const text = file === undefined ? undefined : rootFs.readText(file);
      if (text === undefined) return undefined;
      return new Map(parseGrubEnvironment(text).variables.map(({ name, value }) => [name, value]));
    },
    exists: (path) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      const isFound = find(path) !== undefined;
      if (!isFound && isOwn(path)) return false;
      // Another disk may have what is not here, except the environment block, which has one place.
      return isFound || (name === 'grubenv' ? false : undefined);
    },
  };
}
