import type { Problem } from './problem.ts';

/** One line of a chrony configuration. */
export interface ChronyDirective {
  /** Lower case. */
  readonly name: string;
  readonly args: readonly string[];
  /** The arguments with one blank between them. */
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
  /** The line as the file has it. */
  readonly text: string;
}

export interface ChronyConf {
  readonly directives: readonly ChronyDirective[];
  /** Lines for which chronyd refuses to start. */
  readonly problems: readonly Problem[];
}

/** Longest line that chronyd reads (`MAX_LINE_LENGTH` of conf.c). */
const longestLine = 2048;

/**
 * Reads chrony.conf as `CNF_ParseLine` of chrony's conf.c does: `!`, `;`, `#` and `%` begin a comment only as the first
 * non-blank of a line, so that a comment behind a directive makes chronyd refuse it. Includes stay directives: only the
 * image knows which files they name.
 */
export function parseChronyConf(text: string): ChronyConf {
  const directives: ChronyDirective[] = [];
  const problems: Problem[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = index + 1;
    // A C string ends at a NUL; isspace(3) knows these six.
    const words = (raw.split('\0', 1)[0] ?? '').split(/[ \t\n\v\f\r]+/).filter((word) => word !== '');
    const [first = '', ...args] = words;
    if (first === '' || /^[!;#%]/.test(first)) return;
    if (raw.length >= longestLine) problems.push({ line, message: 'chronyd refuses a line of this length' });
    const directive = { name: first.toLowerCase(), args, value: args.join(' '), line, text: raw.trim() };
    directives.push(directive);
    const refusal = refusalOf(directive);
    if (refusal !== undefined) problems.push({ line, message: refusal });
  });
  return { directives, problems };
}

/** Settings of `makestep`; undefined when chronyd refuses them. */
export function parseMakestep(args: readonly string[]): { threshold: number; limit: number } | undefined {
  if (args.length !== 2) return undefined;
  const [threshold = '', limit = ''] = args;
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/i.test(threshold) || !/^[+-]?\d+/.test(limit)) return undefined;
  return { threshold: Number.parseFloat(threshold), limit: Number.parseInt(limit, 10) };
}

/** Only for the directives that facts ask about; what else chronyd refuses is not looked at. */
function refusalOf({ name, args }: ChronyDirective): string | undefined {
  if (name === 'makestep' && parseMakestep(args) === undefined)
    return 'makestep takes a threshold in seconds and a number of updates, and nothing else';
  if (name === 'refclock' && args.length < 2) return 'refclock takes a driver and its parameter';
  if (name === 'include' && args.length !== 1) return 'include takes one pattern';
  return undefined;
}
