import type { Problem } from './problem.ts';

/** One line of a preset file. */
export interface PresetRule {
  readonly action: 'enable' | 'disable' | 'ignore';
  /** Unit name or shell pattern. */
  readonly pattern: string;
  /** Instances that `enable foo@.service a b` names; undefined without any. */
  readonly instances?: readonly string[];
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

export interface Preset {
  readonly rules: readonly PresetRule[];
  readonly problems: readonly Problem[];
}

/** systemd.preset(5) as `read_presets` of systemd reads it; `ignore` came with release 256 and was no valid line before. */
export function parsePreset(text: string): Preset {
  const rules: PresetRule[] = [];
  const problems: Problem[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    const content = raw.replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, '');
    if (content === '' || content.startsWith('#') || content.startsWith(';')) continue;

    const [action, pattern, ...instances] = content.split(/[ \t\n\r]+/);
    const valid = (action === 'enable' || action === 'disable' || action === 'ignore') && pattern !== undefined;
    if (!valid || (action === 'enable' && instances.length > 0 && !/[^@]@\.[a-z]+$/.test(pattern))) {
      problems.push({ line, message: 'no enable, disable or ignore line, so systemd skips it' });
      continue;
    }
    // Only `enable` takes instances; the remainder of other lines is one pattern, blanks included.
    const whole = action === 'enable' ? pattern : [pattern, ...instances].join(' ');
    const withInstances = action === 'enable' && instances.length > 0 ? { instances } : {};
    rules.push({ action, pattern: whole, ...withInstances, line, text: raw });
  }
  return { rules, problems };
}
