/** One option of a kernel configuration. */
export interface KernelOption {
  /** `y`, `m`, `n` for "is not set", else the number or the text without its quotes. */
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

const SET = /^CONFIG_([A-Za-z0-9_]+)=(.*)$/;
const NOT_SET = /^# CONFIG_([A-Za-z0-9_]+) is not set$/;

/**
 * The `.config` that a kernel was built with, by option name without `CONFIG_`; the last line of an option counts, as
 * in `conf_read_simple` of the kernel's scripts/kconfig/confdata.c. An option that the kernel does not know is missing.
 */
export function parseKernelConfig(text: string): ReadonlyMap<string, KernelOption> {
  const options = new Map<string, KernelOption>();
  for (const [index, raw] of text.split('\n').entries()) {
    const [, name, value] = SET.exec(raw) ?? [];
    if (name !== undefined && value !== undefined)
      options.set(name, { value: unquote(value), line: index + 1, text: raw });
    const unset = NOT_SET.exec(raw)?.[1];
    if (unset !== undefined) options.set(unset, { value: 'n', line: index + 1, text: raw });
  }
  return options;
}

function unquote(value: string): string {
  const quoted = /^"(.*)"$/.exec(value)?.[1];
  return quoted === undefined ? value : quoted.replace(/\\(.)/g, '$1');
}
