import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';

/** One word of a kernel command line. */
export interface KernelParameter {
  /** The whole word, unquoted: `console=ttyS0,115200n8`. */
  readonly text: string;
  /** Before the first `=`. */
  readonly name: string;
  /** After the first `=`; undefined for a bare word. */
  readonly value?: string;
}

export interface BootEntry {
  readonly title: string;
  readonly parameters: readonly KernelParameter[];
  /** Path of the kernel as the entry writes it. */
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

/** Boot entries with their kernel parameters, from grub.cfg, grubenv, Boot Loader Specification files, legacy GRUB and extlinux. */
export const kernelCommandLine = defineFact<KernelCommandLine>({
  id: 'kernel-command-line',
  description: 'Kernel parameters of each boot entry, which entry is the default, and what the configuration would generate next.',
  reads: ['/boot/grub{,2}/grub.cfg', '/boot/grub{,2}/grubenv', '/boot/loader/entries/*.conf', '/etc/default/grub', '/etc/kernel/cmdline'],
  compute() {
    throw new Error('kernel-command-line is not written yet');
  },
});
