/** One option of a kernel configuration. */
export interface KernelOption {
  /** `y`, `m`, `n` for "is not set", else the number or the text without its quotes. */
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** The options of a kernel, by name without `CONFIG_`; one that the kernel does not know is missing. */
export interface KernelOptions {
  option(name: string): KernelOption | undefined;
}

/**
 * The `.config` that a kernel was built with; the last line of an option counts, as in `conf_read_simple` of the kernel's
 * scripts/kconfig/confdata.c. Nothing is read before it is asked for: of ten thousand lines few are.
 */
export function parseKernelConfig(text: string): KernelOptions {
  return {
    option(name) {
      const word = `CONFIG_${name}`;
      let found: { start: number; line: string } | undefined;
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
        const start = text.lastIndexOf('\n', at) + 1;
        const line = text.slice(start, lineEnd(text, at));
        if (line.startsWith(`${word}=`) || line === `# ${word} is not set`) found = { start, line };
      }
      if (!found) return undefined;
      const { start, line } = found;
      const value = line.startsWith('#') ? 'n' : unquote(line.slice(word.length + 1));
      return { value, line: lineNumber(text, start), text: line };
    },
  };
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** Counted from 1. */
function lineNumber(text: string, start: number): number {
  let number = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < start; at = text.indexOf('\n', at + 1)) number += 1;
  return number;
}

function unquote(value: string): string {
  const quoted = /^"(.*)"$/.exec(value)?.[1];
  return quoted === undefined ? value : quoted.replace(/\\(.)/g, '$1');
}
