import { parseKernelConfig } from '../../formats/kernel-config.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { ConfigurationOption } from '../kernel-modules.ts';

export interface KernelConfiguration {
  readonly path: string;
  option(name: string): ConfigurationOption | undefined;
}

/** Build options of a kernel, from the first place that has them. */
export function readConfiguration(rootFs: RootFs, release: string): KernelConfiguration | undefined {
  const places = [
    `/boot/config-${release}`,
    `/usr/lib/modules/${release}/config`,
    `/lib/modules/${release}/config`,
    `/usr/boot/config-${release}`,
    `/usr/lib/modules/${release}/build/.config`,
  ];
  for (const path of places) {
    if (rootFs.stat(path)?.type !== 'file') continue;
    const { option } = parseKernelConfig(rootFs.readText(path) ?? '');
    return {
      path,
      option: (name) => {
        const found = option(name);
        return found && { value: found.value, evidence: { path, line: found.line, text: found.text } };
      },
    };
  }
  return undefined;
}
