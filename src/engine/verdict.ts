import type { Counts, Finding, Result, Severity, Verdict } from './model.ts';
import { compareSeverity } from './severity.ts';

export type FailOn = Severity | 'never';

export interface VerdictOptions {
  /** Weakest severity of a finding that fails the image. */
  readonly failOn: FailOn;
  /** Whether a result that could not be decided may still pass. */
  readonly allowUnknown: boolean;
}

/**
 * The verdict of an image. A finding outweighs an undecided rule: what is known to be wrong is wrong whatever else
 * could not be seen.
 */
export function verdictOf(results: readonly Result[], { failOn, allowUnknown }: VerdictOptions): Verdict {
  const live = results.filter((result) => !result.suppressed);
  const failing = (severity: Severity) => failOn !== 'never' && compareSeverity(severity, failOn) <= 0;
  if (
    live.some(
      ({ outcome, findings }) => outcome === 'fail' && findings.some((one) => !one.suppressed && failing(one.severity)),
    )
  )
    return 'fail';
  const undecided = live.some(({ outcome, severity }) => outcome === 'unknown' && severity === 'error');
  return undecided && !allowUnknown ? 'undecided' : 'pass';
}

/** Results by outcome and live findings by severity. A suppressed result counts as suppressed only. */
export function countsOf(results: readonly Result[]): Counts {
  const live = results.filter((result) => !result.suppressed);
  const outcomes = (outcome: Result['outcome']) => live.filter((result) => result.outcome === outcome).length;
  const findings = live.flatMap(liveFindings);
  const ofSeverity = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  return {
    pass: outcomes('pass'),
    fail: outcomes('fail'),
    notApplicable: outcomes('not-applicable'),
    skipped: outcomes('skipped'),
    unknown: outcomes('unknown'),
    suppressed: results.length - live.length,
    suppressedFindings: results.reduce((sum, result) => sum + result.findings.length, 0) - findings.length,
    error: ofSeverity('error'),
    warning: ofSeverity('warning'),
    info: ofSeverity('info'),
  };
}

/** The findings of a result that count. */
export function liveFindings(result: Result): readonly Finding[] {
  return result.suppressed ? [] : result.findings.filter((finding) => !finding.suppressed);
}
