import { splitUnitList } from '../../formats/systemd-unit.ts';
import type { UnitDirectories } from './directories.ts';
import { dropInFiles } from './drop-ins.ts';
import { instanceOf, mayAlias, templateOf, unitNameShape } from './unit-name.ts';

/** The `[Install]` section of a unit with its drop-ins. */
export interface InstallSection {
  readonly aliases: readonly string[];
  readonly wantedBy: readonly string[];
  readonly also: readonly string[];
  readonly defaultInstance?: string;
}

export const NO_INSTALL: InstallSection = { aliases: [], wantedBy: [], also: [] };

/** `unit_file_load` of systemd; undefined when it fails to parse a file. */
export function readInstallSection(
  directories: UnitDirectories,
  name: string,
  path: string,
): InstallSection | undefined {
  const lists = new Map<string, string[]>();
  let defaultInstance: string | undefined;
  for (const file of [path, ...dropInFiles(directories, installDropInGroups(name))]) {
    const unit = directories.read(file);
    if (unit.isRejected) return undefined;
    for (const { section, key, value } of unit.assignments) {
      if (section !== 'Install') continue;
      if (key === 'DefaultInstance' && unitNameShape(name) === 'template') defaultInstance = value;
      if (key === 'Alias' && !mayAlias(name)) continue;
      // `Also=` is no resettable list.
      const words = key === 'Also' ? value.split(/[ \t\n\r]+/).filter((word) => word !== '') : splitUnitList(value);
      if (key === 'Also' && words.some((word) => !word.includes('%') && !unitNameShape(word))) return undefined;
      const isReset = value === '' && key !== 'Also';
      lists.set(key, isReset ? [] : [...(lists.get(key) ?? []), ...words]);
    }
  }
  const list = (key: string) => lists.get(key) ?? [];
  return {
    aliases: list('Alias'),
    wantedBy: [...list('WantedBy'), ...list('RequiredBy'), ...list('UpheldBy')],
    also: list('Also'),
    ...(defaultInstance && { defaultInstance }),
  };
}

/** Installation looks at drop-ins of the name and its template only, not at truncated names or the type. */
function installDropInGroups(name: string): string[][] {
  const template = instanceOf(name) === undefined ? undefined : templateOf(name);
  return template === undefined ? [[name]] : [[name], [template]];
}
