import { parseKernelCommandLine } from '../../formats/kernel-cmdline.ts';
import { parseOsRelease } from '../../formats/os-release.ts';
import { PE_HEADERS_LENGTH, type PeSection, parsePeSections } from '../../formats/pe-sections.ts';
import { compareVersions } from '../../formats/version-order.ts';
import type { RootFs } from '../../image/root-fs.ts';
import { expandGlob } from '../expand-glob.ts';
import type { BootEntry } from '../kernel-command-line.ts';

/** Where systemd-boot looks, and the fallback path, where a unified image may stand itself. */
const PLACES = ['EFI/Linux/*.efi', 'EFI/BOOT/BOOT*.EFI', 'EFI/Boot/boot*.efi', 'EFI/boot/boot*.efi'] as const;
const PARTITIONS = ['/boot/efi', '/efi', '/boot'] as const;
/** Bytes; COMMAND_LINE_SIZE of x86 is 2048. */
const MAX_COMMAND_LINE = 65_536;

/**
 * Unified kernel images: systemd-stub takes the command line from the section `.cmdline` and adds those of add-ons beside
 * it. The newest name boots, as in systemd-boot without a saved choice.
 */
export function unifiedEntries(rootFs: RootFs): BootEntry[] {
  const paths = PARTITIONS.flatMap((partition) =>
    PLACES.flatMap((place) => expandGlob(rootFs, `${partition}/${place}`)),
  );
  const entries = [...new Set(paths.map((path) => rootFs.realPath(path) ?? path))].flatMap((path) => {
    const sections = sectionsOf(rootFs, path);
    if (!sections.some(({ name }) => name === '.linux')) return [];
    const own = textOf(rootFs, path, sections, '.cmdline') ?? '';
    const addOns = expandGlob(rootFs, '*.addon.efi', `${path}.extra.d`).map(
      (addOn) => textOf(rootFs, addOn, sectionsOf(rootFs, addOn), '.cmdline') ?? '',
    );
    const commandLine = [own, ...addOns].join(' ').trim();
    const release = parseOsRelease(textOf(rootFs, path, sections, '.osrel') ?? '');
    return {
      title: release.byKey.get('PRETTY_NAME')?.value ?? path.slice(path.lastIndexOf('/') + 1),
      parameters: parseKernelCommandLine(commandLine),
      initrds: [],
      evidence: { path, text: commandLine },
    };
  });
  entries.sort((a, b) => compareVersions(b.evidence.path, a.evidence.path));
  return entries.map((entry, index) => ({ ...entry, isDefault: index === 0 }));
}

function sectionsOf(rootFs: RootFs, path: string): readonly PeSection[] {
  return parsePeSections(rootFs.readBytes(path, 0, PE_HEADERS_LENGTH) ?? new Uint8Array()) ?? [];
}

function textOf(rootFs: RootFs, path: string, sections: readonly PeSection[], name: string): string | undefined {
  const section = sections.find((candidate) => candidate.name === name);
  const bytes = section && rootFs.readBytes(path, section.offset, Math.min(section.size, MAX_COMMAND_LINE));
  return bytes && new TextDecoder().decode(bytes).split('\0', 1)[0];
}
