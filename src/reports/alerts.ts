import type { Evidence, ImageReport, Result, Severity } from '../engine/model.ts';
import { liveFindings } from '../engine/verdict.ts';

/** One thing that counts against an image: a live finding, or a rule of severity error that could not be decided. */
export interface Alert {
  readonly result: Result;
  readonly severity: Severity;
  readonly message: string;
  /** First place of the evidence. */
  readonly place: Evidence | undefined;
  readonly isUndecided: boolean;
  /** Identifies the alert in all runs over this image. */
  readonly fingerprint: string;
}

/** In the order of the report: by severity, then by rule. */
export function alertsOf(image: ImageReport): readonly Alert[] {
  return image.results.flatMap((result): readonly Alert[] => {
    if (result.suppressed) return [];
    if (result.outcome === 'unknown') return result.severity === 'error' ? [undecided(result)] : [];
    return liveFindings(result).map(({ severity, message, evidence, fingerprint }) => {
      return { result, severity, message, place: evidence[0], isUndecided: false, fingerprint };
    });
  });
}

function undecided(result: Result): Alert {
  const { ruleId, reason = 'not given' } = result;
  const message = `could not be decided: ${reason}`;
  return {
    result,
    severity: 'error',
    message,
    place: undefined,
    isUndecided: true,
    fingerprint: `undecided:${ruleId}`,
  };
}

/** What went wrong with the run itself, by image or target: defects of rules, and targets that could not be scanned. */
export function runProblems(images: readonly ImageReport[], unscanned: readonly { readonly message: string }[]) {
  return [
    ...images.flatMap(({ label, internalErrors }) =>
      internalErrors.map(({ ruleId, message }) => `${label}: the rule ${ruleId} crashed: ${message}`),
    ),
    ...unscanned.map(({ message }) => `not scanned: ${message}`),
  ];
}
