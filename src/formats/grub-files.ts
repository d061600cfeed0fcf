import { type GrubCommand, parseGrubScript } from './grub-script.ts';

/** A file that a grub.cfg runs, by its path in the image. */
export interface GrubFile {
  readonly path: string;
  readonly text: string;
  /** A grub.cfg that is looked at on its own account, so that `configfile` adds nothing. */
  readonly isMenu: boolean;
}

/**
 * Looks a file up as GRUB would. `absent`: where it belongs there is none. Otherwise why it cannot be told, completing
 * "which …"; `isSure` when no condition can have told either.
 */
export type GrubFileSearch = (
  path: string,
) => GrubFile | 'absent' | { readonly reason: string; readonly isSure: boolean };

/** Parsed files, since a script may run one many times. */
export type GrubScriptCache = Map<string, readonly GrubCommand[]>;

/** Variables that GRUB itself exports when it starts. */
export const alwaysExported = ['prefix', 'root', 'cmdpath', 'grub_cpu', 'grub_platform', 'pager', 'superusers'];

export function runsFile(command: string): boolean {
  return command === 'source' || command === '.' || command === 'configfile';
}

/** What the possible names lead to. One that leads nowhere matters only where no other leads to a file. */
export function findFiles(
  paths: readonly string[],
  search: GrubFileSearch,
  doubtful: ReadonlySet<string>,
): {
  readonly files: readonly GrubFile[];
  readonly missing?: { readonly path: string; readonly reason: string };
} {
  const found = paths.map((path) => ({ path, result: search(path) }));
  const files = found.flatMap(({ result }) => (typeof result === 'object' && 'text' in result ? [result] : []));
  if (files.length > 0) return { files };
  const missing = found.flatMap(({ path, result }) => {
    if (typeof result === 'string' || 'text' in result) return [];
    // Generated files ask first whether a file is there: it is not, as far as the image goes.
    return result.isSure || !doubtful.has(path) ? [{ path, reason: result.reason }] : [];
  });
  return { files, ...(missing[0] && { missing: missing[0] }) };
}

export function scriptOf({ path, text }: GrubFile, cache: GrubScriptCache): readonly GrubCommand[] {
  const known = cache.get(path) ?? parseGrubScript(text).commands;
  cache.set(path, known);
  return known;
}

export function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
