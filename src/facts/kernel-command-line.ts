import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { KernelParameter } from '../formats/kernel-cmdline.ts';
import { grubDefaults } from './grub-defaults.ts';
import { grubMenus } from './grub-menus.ts';
import { configuredParameters } from './kernel-command-line/configured.ts';
import { grubEntries } from './kernel-command-line/grub.ts';
import { extlinuxEntries, legacyGrubEntries } from './kernel-command-line/older-loaders.ts';
import { systemdBootEntries } from './kernel-command-line/systemd-boot.ts';
import { unifiedEntries } from './kernel-command-line/unified.ts';

export type { KernelParameter } from '../formats/kernel-cmdline.ts';

export interface BootEntry {
  readonly title: string;
  readonly parameters: readonly KernelParameter[];
  /** Path of the kernel as the entry writes it; undefined when the entry is itself a unified kernel image. */
  readonly kernel?: string;
  readonly initrds: readonly string[];
  readonly isDefault: boolean;
  readonly evidence: Evidence;
}

export interface KernelCommandLine {
  /** In the order of the boot menu. Empty when no boot configuration is in the image. */
  readonly entries: readonly BootEntry[];
  /** The entries that may boot by default: usually one; several when a condition cannot be evaluated. */
  readonly defaults: readonly BootEntry[];
  /** Parameters that only the next regeneration would use: /etc/default/grub, grub.d, /etc/kernel/cmdline. */
  readonly configured: readonly { readonly parameter: KernelParameter; readonly evidence: Evidence }[];
}

/** Boot entries with their kernel parameters, from grub.cfg, grubenv, Boot Loader Specification files, unified kernel images, legacy GRUB and extlinux. */
export const kernelCommandLine = defineFact<KernelCommandLine>({
  id: 'kernel-command-line',
  description:
    'Kernel parameters of each boot entry, which entry is the default, and what the configuration would generate next.',
  reads: [
    '/boot/grub{,2}/{grub.cfg,grubenv,menu.lst,grub.conf}',
    '/boot/efi/EFI/*/{grub.cfg,grubenv}',
    '/boot/loader/{loader.conf,entries/*.conf}',
    '/{boot/efi,efi,boot}/EFI/Linux/*.efi',
    '/boot/{extlinux/extlinux.conf,syslinux/syslinux.cfg}',
    '/etc/default/grub',
    '/etc/default/grub.d/*.cfg',
    '/etc/kernel/cmdline',
  ],
  async compute(context) {
    const { rootFs } = context;
    const menus = await context.get(grubMenus);
    const { assignments } = await context.get(grubDefaults);
    // The first kind of loader that has a menu: leftovers of others do not boot.
    const loaders = [
      () => grubEntries(rootFs, menus),
      systemdBootEntries,
      unifiedEntries,
      legacyGrubEntries,
      extlinuxEntries,
    ];
    let entries: readonly BootEntry[] = [];
    for (const read of loaders) {
      entries = read(rootFs);
      if (entries.length > 0) break;
    }
    return {
      entries,
      defaults: entries.filter((entry) => entry.isDefault),
      configured: configuredParameters(rootFs, assignments),
    };
  },
});
