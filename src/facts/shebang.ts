import type { RootFs } from '../image/root-fs.ts';

const isPython = /\/(?:platform-)?python[\d.]*$/;

/** The Python interpreter that a script names in its first line; undefined for another or none. */
export function pythonOfScript(rootFs: RootFs, path: string): string | undefined {
  if (rootFs.stat(path)?.type !== 'file') return undefined;
  const head = new TextDecoder().decode(rootFs.readBytes(path, 0, 256) ?? new Uint8Array());
  const [, program = '', argument] = /^#!\s*(\S+)(?:[ \t]+(\S+))?/.exec(head) ?? [];
  const named = program.endsWith('/env') && argument !== undefined ? onSearchPath(rootFs, argument) : program;
  return isPython.test(named) ? named : undefined;
}

function onSearchPath(rootFs: RootFs, name: string): string {
  const local = `/usr/local/bin/${name}`;
  return rootFs.stat(local) === undefined ? `/usr/bin/${name}` : local;
}

/** Whether a word of a command is a Python interpreter. */
export function isPythonPath(path: string): boolean {
  return isPython.test(path);
}
