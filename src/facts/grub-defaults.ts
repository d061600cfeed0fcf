import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { parseShellAssignments } from '../formats/shell-assignments.ts';
import { expandGlob } from './expand-glob.ts';

/** One assignment, with variables expanded. */
export interface GrubSetting {
  readonly name: string;
  readonly value: string;
  readonly evidence: Evidence;
}

/** What the next grub-mkconfig starts from. */
export interface GrubDefaults {
  /** In the order in which they are read, repeated names included. */
  readonly assignments: readonly GrubSetting[];
  /** The assignment of each name that counts: the last. */
  readonly settings: ReadonlyMap<string, GrubSetting>;
}

/** grub-mkconfig sources /etc/default/grub, then grub.d in lexical order; each file sees what the earlier ones set. */
export const grubDefaults = defineFact<GrubDefaults>({
  id: 'grub-defaults',
  description: 'Settings that grub-mkconfig reads, with the line that counts for each.',
  reads: ['/etc/default/grub', '/etc/default/grub.d/*.cfg'],
  compute({ rootFs }) {
    const assignments: GrubSetting[] = [];
    const settings = new Map<string, GrubSetting>();
    for (const path of ['/etc/default/grub', ...expandGlob(rootFs, '/etc/default/grub.d/*.cfg')]) {
      const text = rootFs.readText(path);
      if (text === undefined) continue;
      const parsed = parseShellAssignments(text, { expand: (name) => settings.get(name)?.value });
      for (const { key, value, line, text: lineText } of parsed.assignments) {
        const setting = { name: key, value, evidence: { path, line, text: lineText } };
        assignments.push(setting);
        settings.set(key, setting);
      }
    }
    return { assignments, settings };
  },
});
