/** A module as an index of `/lib/modules/RELEASE` lists it. */
export interface IndexedModule {
  /** Relative to the module directory, or absolute. */
  readonly path: string;
  /** Paths of the modules that it needs, in the same form; empty in modules.builtin. */
  readonly needs: readonly string[];
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

/**
 * Names as the kernel and kmod compare them: without directory and `.ko` ending, compressed or not, and with underscores
 * for hyphens (`path_to_modname` of kmod's shared/util.c).
 */
export function moduleName(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1);
  return file.replace(/\.ko(?:\.(?:gz|xz|zst|bz2))?$/, '').replaceAll('-', '_');
}

/** modules.dep as depmod writes it: `path: paths of what it needs`, by module name. */
export function parseModulesDep(text: string): ReadonlyMap<string, IndexedModule> {
  return index(text, (line) => {
    const colon = line.indexOf(':');
    if (colon < 1) return undefined;
    const needs = line
      .slice(colon + 1)
      .split(' ')
      .filter((path) => path !== '');
    return { path: line.slice(0, colon), needs };
  });
}

/** modules.builtin as the kernel's build writes it: one path a line, by module name. */
export function parseModulesBuiltin(text: string): ReadonlyMap<string, IndexedModule> {
  return index(text, (line) => (line === '' ? undefined : { path: line, needs: [] }));
}

function index(
  text: string,
  parse: (line: string) => { path: string; needs: readonly string[] } | undefined,
): ReadonlyMap<string, IndexedModule> {
  const modules = new Map<string, IndexedModule>();
  let number = 0;
  for (const raw of text.split('\n')) {
    number += 1;
    const entry = parse(raw.trim());
    const name = entry && moduleName(entry.path);
    // depmod lists a module of the better directory first.
    if (entry && name && !modules.has(name)) modules.set(name, { ...entry, line: number, text: raw });
  }
  return modules;
}
