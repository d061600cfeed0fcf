import type { ImageReport, Verdict } from '../engine/model.ts';

export interface ExitCode {
  readonly code: number;
  /** One line for help and documentation. */
  readonly meaning: string;
  /** What leads to it, where the meaning alone does not say. */
  readonly causes?: string;
  readonly advice: string;
}

/** Every exit code of the program. Help, documentation and tests read this table. */
export const exitCodes = {
  pass: {
    code: 0,
    meaning: 'pass: no finding at or above --fail-on',
    advice: 'The image may be uploaded. Read the warnings all the same.',
  },
  fail: {
    code: 1,
    meaning: 'at least one finding at or above --fail-on',
    advice: 'Follow the fixes of the findings and scan again.',
  },
  undecided: {
    code: 2,
    meaning: 'no verdict',
    causes:
      'bad usage or configuration, a target that cannot be read or is no Linux root, an internal error, or a rule of severity error that could not be decided',
    advice:
      'Read what is missing and make it readable, or accept it with --allow-unknown. Never take this code for a pass.',
  },
} as const satisfies Readonly<Record<Verdict, ExitCode>>;

export function describeExitCode({ meaning, causes }: ExitCode): string {
  return causes === undefined ? meaning : `${meaning}: ${causes}`;
}

/**
 * The verdict of a run. An image that could not be scanned at all, or by all rules, outweighs everything: there the
 * program failed, and no list of findings is complete. A known defect outweighs what is merely undecided.
 */
export function combine(images: readonly ImageReport[], unscanned: number): Verdict {
  if (unscanned > 0 || images.some((image) => image.internalErrors.length > 0)) return 'undecided';
  if (images.some((image) => image.verdict === 'fail')) return 'fail';
  return images.some((image) => image.verdict === 'undecided') ? 'undecided' : 'pass';
}
