import { parseWaagentConf, type WaagentAssignment } from './waagent-conf.ts';
import { isWaagentKey, waagentStrings } from './waagent-keys.ts';

/** A line of waagent.conf that reads otherwise than its writer may think. */
export interface WaagentOddity {
  readonly kind: /** Neither a comment nor a setting: the agent skips it. */
    | 'no-setting'
    /** A comment in a form that the agent does not know as one; harmless. */
    | 'stray-comment'
    /** A comment behind a value, which the agent cuts off. */
    | 'trailing-comment'
    /** A text value that ends at a `#` in its middle. */
    | 'cut-value'
    /** A key that an earlier line set to the same value, or to another one. */
    | 'repeated'
    | 'contradicted'
    /** Lines end with a carriage return. */
    | 'carriage-return';
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
}

/** What `ConfigurationProvider.load` passes over in silence; see `parseWaagentConf` for how it reads a line. */
export function waagentOddities(text: string): readonly WaagentOddity[] {
  const { assignments } = parseWaagentConf(text);
  const lines = text.split('\n');
  const byLine = new Map(assignments.map((assignment) => [assignment.line, assignment]));
  const found = lines.flatMap((content, index): WaagentOddity[] => {
    const line = index + 1;
    if (content.startsWith('#') || content.trim() === '') return [];
    const assignment = byLine.get(line);
    const oddity = assignment ? ofAssignment(assignment) : ofOther(content);
    return oddity ? [{ ...oddity, line }] : [];
  });
  const carriageReturn = lines.findIndex((content) => /[^\r]\r$/.test(content));
  if (carriageReturn >= 0) {
    const message = 'lines end with a carriage return, as editors of Windows write them';
    found.push({ kind: 'carriage-return', line: carriageReturn + 1, message });
  }
  return [...found, ...repetitions(assignments)].sort((a, b) => a.line - b.line);
}

type Oddity = Omit<WaagentOddity, 'line'>;

function ofOther(content: string): Oddity {
  if (/^[\s\ufeff]*[#;]/.test(content)) return strayComment;
  return { kind: 'no-setting', message: 'the agent skips this line, which is neither Key=value nor a comment' };
}

const strayComment: Oddity = {
  kind: 'stray-comment',
  message: 'only a # in the first column starts a comment; this line does no harm',
};

function ofAssignment({ key, value, text }: WaagentAssignment): Oddity | undefined {
  if (/^[\ufeff]?[#;]/.test(key)) return strayComment;
  if (!isWaagentKey(key)) return undefined;
  const written = text.slice(text.indexOf('=') + 1);
  const hash = written.indexOf('#');
  if (hash < 0) return undefined;
  const isInside = waagentStrings.has(key) && /[^\s"]$/.test(written.slice(0, hash));
  if (!isInside) return { kind: 'trailing-comment', message: `a comment follows the value of ${key}` };
  return { kind: 'cut-value', message: `the value of ${key} ends before the # and is ${JSON.stringify(value ?? '')}` };
}

/** The last line of a key counts, also when it says None. */
function repetitions(assignments: readonly WaagentAssignment[]): readonly WaagentOddity[] {
  const earlier = new Map<string, WaagentAssignment>();
  return assignments.flatMap((assignment): WaagentOddity[] => {
    const { key, value, line } = assignment;
    const before = earlier.get(key);
    earlier.set(key, assignment);
    if (!before || !isWaagentKey(key)) return [];
    if (before.value === value) {
      return [{ kind: 'repeated', line, message: `${key} is set to the same value as on line ${before.line}` }];
    }
    const [from, to] = [before, assignment].map((one) => one.value ?? 'None');
    const message = `${key} is set to ${from} on line ${before.line} and to ${to} here, which counts`;
    return [{ kind: 'contradicted', line, message }];
  });
}
