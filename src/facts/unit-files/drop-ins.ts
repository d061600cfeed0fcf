import type { UnitDirectories } from './directories.ts';
import { instanceOf, templateOf, unitNameShape, unitType } from './unit-name.ts';

/**
 * The `.conf` files of NAME.d directories: sorted by file name; for the same file name the earlier group of names wins,
 * then the earlier directory, then the earlier name.
 */
export function dropInFiles(directories: UnitDirectories, groups: readonly (readonly string[])[]): string[] {
  const files = new Map<string, string>();
  for (const names of groups) {
    for (const directory of directories.paths) {
      for (const name of names) {
        if (!directories.list(directory).has(`${name}.d`)) continue;
        const dropIns = `${directory}/${name}.d`;
        for (const file of directories.list(dropIns).keys()) {
          if (file.endsWith('.conf') && !files.has(file)) files.set(file, `${dropIns}/${file}`);
        }
      }
    }
  }
  return [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}

/**
 * Names whose drop-ins a running systemd applies to a unit (`unit_file_find_dropin_paths`): the unit, its template, both
 * shortened at each `-`; the same for its aliases; at last the type.
 */
export function dropInGroups(name: string, aliases: readonly string[]): string[][] {
  return [...[name, ...aliases].map(shortenedNames), [unitType(name)]];
}

function shortenedNames(name: string): string[] {
  const names = [name];
  const instance = instanceOf(name);
  const template = instance === undefined ? undefined : templateOf(name);
  if (template !== undefined) names.push(...shortenedNames(template));

  const end = name.includes('@') ? name.indexOf('@') : name.lastIndexOf('.');
  const prefix = name.slice(0, end).replace(/-$/, '');
  const dash = prefix.lastIndexOf('-');
  if (dash > 0) {
    // A template loses its `@` here, as systemd builds the name anew from prefix and instance.
    const shorter = prefix.slice(0, dash + 1) + name.slice(instance === undefined ? name.lastIndexOf('.') : end);
    if (unitNameShape(shorter)) names.push(...shortenedNames(shorter));
  }
  return names;
}
