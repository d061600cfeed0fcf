import type { ImageReport, Outcome, Result, Suppression } from '../engine/model.ts';
import { forTerminal } from './escape.ts';
import type { ReportOptions } from './index.ts';
import { locationOf, messageOf } from './sarif-parts.ts';

const kinds: Readonly<Record<Exclude<Outcome, 'fail'>, string>> = {
  pass: 'pass',
  unknown: 'open',
  'not-applicable': 'notApplicable',
  skipped: 'notApplicable',
};

/** What code scanning would take for open alerts and other viewers can tell apart: all that is no alert. */
export function sarifExtraResults(image: ImageReport, rules: readonly string[], options: ReportOptions) {
  return image.results.flatMap((result) => {
    if (result.outcome !== 'fail')
      return result.outcome === 'unknown' && result.severity === 'error' && !result.suppressed
        ? []
        : [quiet(image, result, rules, options)];
    return result.findings.flatMap((finding) => {
      const suppressed = finding.suppressed ?? result.suppressed;
      if (!suppressed) return [];
      const [place] = finding.evidence;
      return [
        {
          ...common(image, result, rules, options),
          kind: 'fail',
          level: result.severity === 'info' ? 'note' : result.severity,
          message: { text: messageOf(finding.message, place) },
          locations: [locationOf(image.label, place, options.anchor)],
          suppressions: [suppressionOf(suppressed)],
        },
      ];
    });
  });
}

function quiet(image: ImageReport, result: Result, rules: readonly string[], options: ReportOptions) {
  const outcome = result.outcome === 'fail' ? 'pass' : result.outcome;
  return {
    ...common(image, result, rules, options),
    kind: kinds[outcome],
    level: 'none',
    message: { text: forTerminal(result.reason ?? result.title) },
    ...(result.suppressed && { suppressions: [suppressionOf(result.suppressed)] }),
  };
}

function common(image: ImageReport, result: Result, rules: readonly string[], options: ReportOptions) {
  return {
    ruleId: result.ruleId,
    ruleIndex: rules.indexOf(result.ruleId),
    locations: [locationOf(image.label, result.evidence?.[0], options.anchor)],
  };
}

function suppressionOf({ reason, by }: Suppression) {
  return { kind: 'external', status: 'accepted', justification: forTerminal(`${reason} (${by})`) };
}
