import type { Problem } from './problem.ts';

export interface GrubEnvironmentVariable {
  readonly name: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

export interface GrubEnvironment {
  readonly variables: readonly GrubEnvironmentVariable[];
  readonly problems: readonly Problem[];
}

const SIGNATURE = '# GRUB Environment Block\n';

/**
 * GRUB's environment block as `grub_envblk_iterate` reads it: without the signature nothing is loaded, a backslash takes
 * the next character as it is, and `#` begins padding or a comment.
 */
export function parseGrubEnvironment(text: string): GrubEnvironment {
  if (!text.startsWith(SIGNATURE)) {
    return {
      variables: [],
      problems: [{ line: 1, message: 'does not begin with the signature of an environment block, so GRUB ignores it' }],
    };
  }
  const variables: GrubEnvironmentVariable[] = [];
  const lines = text.split('\n');
  for (let index = 1; index < lines.length; index += 1) {
    const raw = lines[index] ?? '';
    const line = index + 1;
    if (raw.startsWith('#') || !raw.includes('=')) continue;
    let stored = raw;
    while (/(?:^|[^\\])(?:\\\\)*\\$/.test(stored) && index + 1 < lines.length) {
      index += 1;
      stored += `\n${lines[index] ?? ''}`;
    }
    const separator = stored.indexOf('=');
    variables.push({
      name: stored.slice(0, separator),
      value: stored.slice(separator + 1).replace(/\\([\s\S])/g, '$1'),
      line,
      text: raw,
    });
  }
  return { variables, problems: [] };
}
