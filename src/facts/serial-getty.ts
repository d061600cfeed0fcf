import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';

/** The program of systemd that starts a login prompt on each serial console of the kernel. */
export interface SerialGetty {
  /** `masked`: an empty file or a link to /dev/null stands before it. */
  readonly state: 'present' | 'masked' | 'absent';
  readonly evidence: readonly Evidence[];
}

const DIRECTORIES = ['/run', '/etc', '/usr/local/lib', '/usr/lib', '/lib'] as const;

/** Whether systemd-getty-generator runs; systemd takes the first of its name and runs it when it is executable. */
export const serialGetty = defineFact<SerialGetty>({
  id: 'serial-getty',
  description: 'Whether systemd-getty-generator starts login prompts on serial consoles.',
  reads: DIRECTORIES.map((directory) => `${directory}/systemd/system-generators/systemd-getty-generator`),
  compute({ rootFs }) {
    const paths = DIRECTORIES.map((directory) => `${directory}/systemd/system-generators/systemd-getty-generator`);
    const path = paths.find((candidate) => rootFs.lstat(candidate) !== undefined);
    if (path === undefined) return { state: 'absent', evidence: [] };
    const link = rootFs.readLink(path);
    const evidence = [{ path, ...(link !== undefined && { text: `-> ${link}` }) }];
    const isMasked = link === '/dev/null' || rootFs.stat(path)?.size === 0;
    return { state: isMasked ? 'masked' : 'present', evidence };
  },
});
