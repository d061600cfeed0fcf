import { parseExtlinux } from '../../formats/extlinux.ts';
import { parseKernelCommandLine } from '../../formats/kernel-cmdline.ts';
import { parseLegacyGrub } from '../../formats/legacy-grub.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { BootEntry } from '../kernel-command-line.ts';

const LEGACY_GRUB = ['/boot/grub/grub.conf', '/boot/grub/menu.lst', '/boot/efi/EFI/redhat/grub.conf'] as const;
const EXTLINUX = [
  '/boot/extlinux/extlinux.conf',
  '/boot/extlinux.conf',
  '/extlinux.conf',
  '/boot/syslinux/syslinux.cfg',
] as const;

/** Entries of GRUB 0.97; a saved default may be any of them. */
export function legacyGrubEntries(rootFs: RootFs): BootEntry[] {
  const found = readFirst(rootFs, LEGACY_GRUB);
  if (!found) return [];
  const { entries, defaultIndex } = parseLegacyGrub(found.text);
  return entries.map((entry, index) => ({
    title: entry.title,
    parameters: parseKernelCommandLine(entry.arguments),
    kernel: entry.kernel,
    initrds: entry.initrds,
    isDefault: defaultIndex === 'saved' || index === defaultIndex,
    evidence: { path: found.path, line: entry.line, text: entry.text },
  }));
}

/** Entries of EXTLINUX and SYSLINUX. */
export function extlinuxEntries(rootFs: RootFs): BootEntry[] {
  const found = readFirst(rootFs, EXTLINUX);
  if (!found) return [];
  const { entries, defaultLabel } = parseExtlinux(found.text);
  const chosen = entries.find(({ label }) => label === defaultLabel) ?? entries[0];
  return entries.map((entry) => ({
    title: entry.title,
    parameters: parseKernelCommandLine(entry.arguments),
    kernel: entry.kernel,
    initrds: entry.initrds,
    isDefault: entry === chosen,
    evidence: { path: found.path, line: entry.line, text: entry.text },
  }));
}

function readFirst(rootFs: RootFs, paths: readonly string[]): { path: string; text: string } | undefined {
  for (const path of paths) {
    const text = rootFs.readText(path);
    if (text !== undefined) return { path, text };
  }
  return undefined;
}
