import type { Problem } from './problem.ts';
import { parseShellAssignments, type ShellAssignment } from './shell-assignments.ts';

/** What a dracut.conf file leaves behind; dracut sources it with bash. */
export interface DracutConf {
  /** Each assignment with the value that its variable has afterwards, in file order. */
  readonly assignments: readonly ShellAssignment[];
  readonly problems: readonly Problem[];
}

/**
 * Plain assignments and `+=`, which adds to the value without a blank: hence the blanks inside the quotes of
 * `add_drivers+=" a b "` (dracut.conf(5)).
 *
 * @param earlier Value that a variable has from the files sourced before.
 */
export function parseDracutConf(
  text: string,
  earlier: (name: string) => string | undefined = () => undefined,
): DracutConf {
  const plain = text.replace(/^([ \t]*)([A-Za-z_]\w*)\+=/gm, '$1$2="$$$2"');
  const lines = text.split('\n');
  const { assignments, problems } = parseShellAssignments(plain, { expand: earlier });
  return { assignments: assignments.map((found) => ({ ...found, text: lines[found.line - 1] ?? '' })), problems };
}

/** Names in a list of drivers, as dracut compares them: with underscores (dracut.sh: `add_drivers=${add_drivers//-/_}`). */
export function driverNames(list: string): string[] {
  return list
    .split(/[ \t\n]+/)
    .filter((name) => name !== '')
    .map((name) => name.replaceAll('-', '_'));
}
