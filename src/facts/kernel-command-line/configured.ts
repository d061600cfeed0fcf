import type { Evidence } from '../../engine/model.ts';
import { type KernelParameter, parseKernelCommandLine } from '../../formats/kernel-cmdline.ts';
import { parseShellAssignments } from '../../formats/shell-assignments.ts';
import type { RootFs } from '../../image/root-fs.ts';
import { expandGlob } from '../expand-glob.ts';

interface ConfiguredParameter {
  readonly parameter: KernelParameter;
  readonly evidence: Evidence;
}

/** In the order in which grub-mkconfig puts them on the `linux` line. */
const GRUB_VARIABLES = ['GRUB_CMDLINE_LINUX', 'GRUB_CMDLINE_LINUX_DEFAULT'] as const;
const KERNEL_INSTALL = ['/etc/kernel/cmdline', '/usr/lib/kernel/cmdline'] as const;

/** Parameters that the next grub-mkconfig or kernel-install would write. */
export function configuredParameters(rootFs: RootFs): ConfiguredParameter[] {
  return [...grubParameters(rootFs), ...kernelInstallParameters(rootFs)];
}

/** grub-mkconfig sources /etc/default/grub, then grub.d in lexical order; each file sees what the earlier ones set. */
function grubParameters(rootFs: RootFs): ConfiguredParameter[] {
  const values = new Map<string, string>();
  const parameters = new Map<string, ConfiguredParameter[]>();
  for (const path of ['/etc/default/grub', ...expandGlob(rootFs, '/etc/default/grub.d/*.cfg')]) {
    const text = rootFs.readText(path);
    if (text === undefined) continue;
    const { assignments } = parseShellAssignments(text, { expand: (name) => values.get(name) });
    for (const { key, value, line, text: lineText } of assignments) {
      values.set(key, value);
      parameters.set(key, attribute(value, parameters.get(key) ?? [], { path, line, text: lineText }));
    }
  }
  return GRUB_VARIABLES.flatMap((name) => parameters.get(name) ?? []);
}

/** `X="$X more"` repeats what an earlier line brought in, and that line stays its evidence. */
function attribute(value: string, earlier: readonly ConfiguredParameter[], evidence: Evidence): ConfiguredParameter[] {
  return parseKernelCommandLine(value).map(
    (parameter) => earlier.find((known) => known.parameter.text === parameter.text) ?? { parameter, evidence },
  );
}

/** The first file that exists counts, as in kernel-install's 90-loaderentry.install. */
function kernelInstallParameters(rootFs: RootFs): ConfiguredParameter[] {
  for (const path of KERNEL_INSTALL) {
    const text = rootFs.readText(path);
    if (text === undefined) continue;
    return text.split('\n').flatMap((line, index) =>
      parseKernelCommandLine(line).map((parameter) => ({
        parameter,
        evidence: { path, line: index + 1, text: line },
      })),
    );
  }
  return [];
}
