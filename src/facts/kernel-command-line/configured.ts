import type { Evidence } from '../../engine/model.ts';
import { type KernelParameter, parseKernelCommandLine } from '../../formats/kernel-cmdline.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { GrubSetting } from '../grub-defaults.ts';

interface ConfiguredParameter {
  readonly parameter: KernelParameter;
  readonly evidence: Evidence;
}

/** In the order in which grub-mkconfig puts them on the `linux` line. */
const GRUB_VARIABLES = ['GRUB_CMDLINE_LINUX', 'GRUB_CMDLINE_LINUX_DEFAULT'] as const;
const KERNEL_INSTALL = ['/etc/kernel/cmdline', '/usr/lib/kernel/cmdline'] as const;

/** Parameters that the next grub-mkconfig or kernel-install would write. */
export function configuredParameters(rootFs: RootFs, assignments: readonly GrubSetting[]): ConfiguredParameter[] {
  return [...grubParameters(assignments), ...kernelInstallParameters(rootFs)];
}

function grubParameters(assignments: readonly GrubSetting[]): ConfiguredParameter[] {
  const parameters = new Map<string, ConfiguredParameter[]>();
  for (const { name, value, evidence } of assignments) {
    parameters.set(name, attribute(value, parameters.get(name) ?? [], evidence));
  }
  return GRUB_VARIABLES.flatMap((name) => parameters.get(name) ?? []);
}

/** `X="$X more"` repeats what an earlier line brought in, and that line stays its evidence. */
function attribute(value: string, earlier: readonly ConfiguredParameter[], evidence: Evidence): ConfiguredParameter[] {
  const known = new Map(earlier.toReversed().map((found) => [found.parameter.text, found]));
  return parseKernelCommandLine(value).map((parameter) => known.get(parameter.text) ?? { parameter, evidence });
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
