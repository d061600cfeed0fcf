import type { Evidence } from '../../engine/model.ts';
import { parseBlsEntry } from '../../formats/bls-entry.ts';
import { parseKernelCommandLine } from '../../formats/kernel-cmdline.ts';
import { compareVersions } from '../../formats/version-order.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { BootEntry } from '../kernel-command-line.ts';

/** A Boot Loader Specification entry before anybody has said which one is the default. */
export interface LoaderEntry extends Omit<BootEntry, 'isDefault'> {
  /** File name without `.conf`. */
  readonly id: string;
}

/**
 * Entries of a directory, newest first as blscfg sorts them.
 * @param expand Values that a variable in `options`, `linux` or `initrd` may have; systemd-boot expands nothing.
 */
export function readLoaderEntries(
  rootFs: RootFs,
  directory: string,
  expand?: (name: string) => readonly string[],
): LoaderEntry[] {
  if (rootFs.stat(directory)?.type !== 'directory') return [];
  const names = (rootFs.readDir(directory) ?? []).map(({ name }) => name).filter((name) => name.endsWith('.conf'));
  names.sort((a, b) => compareVersions(stem(b), stem(a)));
  return names.flatMap((name): LoaderEntry[] => {
    const path = `${directory}/${name}`;
    const entry = parseBlsEntry(rootFs.readText(path) ?? '');
    const kernel = entry.first('linux') ?? entry.first('efi') ?? entry.first('uki');
    if (kernel === undefined) return [];
    const options = entry.all('options');
    const line = options[0] ?? entry.all('linux')[0];
    const evidence: Evidence = { path, ...(line && { line: line.line, text: line.text }) };
    const initrds = entry.all('initrd').flatMap((field) => field.value.split(/[ \t]+/));
    return alternatives(options.map((field) => field.value).join(' '), expand).map((commandLine) => ({
      id: stem(name),
      title: entry.first('title') ?? stem(name),
      parameters: parseKernelCommandLine(commandLine),
      kernel: alternatives(kernel, expand)[0] ?? kernel,
      initrds: initrds.flatMap((initrd) => alternatives(initrd, expand).slice(0, 1)).filter((initrd) => initrd !== ''),
      evidence,
    }));
  });
}

const VARIABLE = /\$(?:\{(\w+)\}|(\w+))/;
const MAX_ALTERNATIVES = 16;

function alternatives(text: string, expand: ((name: string) => readonly string[]) | undefined): string[] {
  const match = expand && VARIABLE.exec(text);
  if (!expand || !match) return [text];
  const before = text.slice(0, match.index);
  const rest = alternatives(text.slice(match.index + match[0].length), expand);
  const values = expand(match[1] ?? match[2] ?? '');
  return values.flatMap((value) => rest.map((after) => before + value + after)).slice(0, MAX_ALTERNATIVES);
}

function stem(name: string): string {
  return name.replace(/\.conf$/, '');
}
