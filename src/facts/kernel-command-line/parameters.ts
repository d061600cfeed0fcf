import type { FindingDraft } from '../../engine/define.ts';
import type { KernelParameter } from '../../formats/kernel-cmdline.ts';
import type { BootEntry, KernelCommandLine } from '../kernel-command-line.ts';

/** Words of an entry with one name; the kernel takes `-` and `_` in names for the same (`parameqn` of kernel/params.c). */
export function parametersNamed(entry: BootEntry, name: string): readonly KernelParameter[] {
  const wanted = name.replaceAll('-', '_');
  return entry.parameters.filter((parameter) => parameter.name.replaceAll('-', '_') === wanted);
}

/** The value that counts for a parameter that has one value: the last. */
export function lastValue(entry: BootEntry, name: string): string | undefined {
  return parametersNamed(entry, name).at(-1)?.value;
}

/** Entries that people choose to repair a machine; they never boot by themselves. */
export function isRescueEntry(entry: BootEntry): boolean {
  return !entry.isDefault && /rescue|recovery|failsafe|memtest/i.test(`${entry.title} ${entry.kernel ?? ''}`);
}

/** Why nothing can be said about what boots by default; undefined when there is a default entry. */
export function withoutDefaultEntry({ entries, defaults }: KernelCommandLine): string | undefined {
  if (defaults.length > 0) return undefined;
  return entries.length === 0 ? 'the image has no boot entry' : 'no entry of the boot menu is the default';
}

/**
 * Findings about several entries, each said once: one menu often stands in two files, for BIOS and for UEFI, and one
 * entry may have several ways to boot.
 */
export function judgeEntries(
  entries: readonly BootEntry[],
  judgeEntry: (entry: BootEntry) => readonly FindingDraft[],
): FindingDraft[] {
  const distinct = new Map<string, FindingDraft>();
  for (const draft of entries.flatMap(judgeEntry)) {
    const key = JSON.stringify([draft.message, draft.severity]);
    const known = distinct.get(key);
    const places = [...(known?.evidence ?? []), ...draft.evidence];
    const evidence = [...new Map(places.map((place) => [`${place.path}:${place.line}`, place])).values()];
    distinct.set(key, { ...draft, evidence });
  }
  return [...distinct.values()];
}
