import type { Family } from './model.ts';

/** Shell lines by distribution family, where the families have other tools. */
export interface FixByFamily extends Readonly<Partial<Record<Family, readonly string[]>>> {
  /** For families that have no lines of their own, nor relatives that have, and where no family is known. */
  readonly default?: readonly string[];
}

/**
 * Shell lines to review and run in the image. A word `FILE` stands for the disk file: results have its name instead,
 * where it is known.
 */
export type Fix = readonly string[] | FixByFamily;

const relatives: Readonly<Partial<Record<Family, Family>>> = { ubuntu: 'debian', oracle: 'rhel', fedora: 'rhel' };

/** What a record has for a family itself, or for the one whose tools it has. */
export function ofFamily<T>(record: Readonly<Partial<Record<Family, T>>>, family: Family): T | undefined {
  const relative = relatives[family];
  return record[family] ?? (relative && record[relative]);
}

/** The lines for an image of a family; undefined where there are none. */
export function fixFor(fix: Fix | undefined, family: Family | undefined): readonly string[] | undefined {
  if (fix === undefined || isForAll(fix)) return fix;
  const lines = (family && ofFamily(fix, family)) ?? fix.default;
  return lines?.length === 0 ? undefined : lines;
}

/** One fix after the other. A family for which a part has nothing gets the others. */
export function steps(...parts: readonly (string | Fix)[]): FixByFamily {
  const keys = new Set(parts.flatMap((part) => (isByFamily(part) ? Object.keys(part) : [])));
  const linesOf = (part: string | Fix, key: string) => {
    if (typeof part === 'string') return [part];
    // Keys of a fix are families, and the default, which is also what an unknown family gets.
    return fixFor(part, key === 'default' ? undefined : (key as Family)) ?? [];
  };
  return Object.fromEntries(
    [...keys, 'default'].map((key) => [key, parts.flatMap((part) => linesOf(part, key))] as const),
  );
}

/** Lines with the name of the disk file, quoted for the shell, in the place of the word `FILE`. */
export function nameFile(lines: readonly string[], fileName: string | undefined): readonly string[] {
  if (fileName === undefined || fileName === '') return lines;
  const quoted = quoteForShell(fileName);
  return lines.map((line) => line.replace(/(?<![\w/.-])FILE(?![\w/.-])/g, () => quoted));
}

/** One word of a shell line. A name that begins with a dash would be taken for an option. */
export function quoteForShell(word: string): string {
  const path = word.startsWith('-') ? `./${word}` : word;
  return /^[\w./+:@%-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function isForAll(fix: Fix): fix is readonly string[] {
  return Array.isArray(fix);
}

function isByFamily(part: string | Fix): part is FixByFamily {
  return typeof part !== 'string' && !isForAll(part);
}
