import { globMatcher } from '../formats/glob-pattern.ts';
import type { Finding, ImageReport, Result, Suppression } from './model.ts';
import { byWeight } from './run.ts';
import { strongest } from './severity.ts';
import { countsOf, type VerdictOptions, verdictOf } from './verdict.ts';

/** A finding or an undecided rule that the user accepts. */
export interface SuppressionEntry {
  /** Id of a rule, or an area. */
  readonly rule: string;
  /** Pattern of the path that a finding rests on; `*` also matches `/`. */
  readonly path?: string;
  /** Pattern of the image's label. */
  readonly image?: string;
  readonly reason: string;
  /** Last day (UTC, YYYY-MM-DD) on which it holds. */
  readonly expires?: string;
}

/** What became of the entries on one image. */
export interface SuppressedImage {
  readonly image: ImageReport;
  /** Entries that matched something, whether they have expired or not. */
  readonly used: ReadonlySet<SuppressionEntry>;
}

/** Marks what an image's report has of accepted findings, and counts and judges it anew. */
export function suppress(
  image: ImageReport,
  entries: readonly SuppressionEntry[],
  options: VerdictOptions & { readonly today: string },
): SuppressedImage {
  const used = new Set<SuppressionEntry>();
  const here = entries.filter((entry) => matches(entry.image, image.label));
  const acceptedBy = (ruleId: string, path: string | undefined): Suppression | undefined => {
    const fitting = here.filter((entry) => namesRule(entry, ruleId) && matches(entry.path, path ?? ''));
    for (const entry of fitting) used.add(entry);
    const entry = fitting.find((one) => !hasExpired(one, options.today));
    return entry && { reason: entry.reason, by: 'configuration', ...(entry.expires && { expires: entry.expires }) };
  };
  return { image: withSuppressions(image, acceptedBy, options), used };
}

/** The last day of an entry is a day on which it still holds. */
export function hasExpired({ expires }: SuppressionEntry, today: string): boolean {
  return expires !== undefined && expires < today;
}

/** Whether an entry is about an image of this label at all. */
export function isAboutImage(entry: SuppressionEntry, label: string): boolean {
  return matches(entry.image, label);
}

export type Accept = (ruleId: string, path: string | undefined, finding?: Finding) => Suppression | undefined;

/** Asks for each finding, and each rule that could not decide, whether it is accepted. */
export function withSuppressions(image: ImageReport, accept: Accept, options: VerdictOptions): ImageReport {
  const results = image.results.map((result) => suppressResult(result, accept)).sort(byWeight);
  return {
    ...image,
    results,
    counts: countsOf(results),
    verdict: image.internalErrors.length > 0 ? 'undecided' : verdictOf(results, options),
  };
}

function suppressResult(result: Result, accept: Accept): Result {
  if (result.suppressed) return result;
  if (result.outcome === 'unknown') {
    const suppressed = accept(result.ruleId, undefined);
    return suppressed ? { ...result, suppressed } : result;
  }
  if (result.outcome !== 'fail') return result;
  const findings = result.findings.map((finding) => {
    const suppressed = finding.suppressed ?? accept(result.ruleId, finding.evidence[0]?.path, finding);
    return suppressed ? { ...finding, suppressed } : finding;
  });
  const live = findings.filter((finding) => !finding.suppressed);
  const first = findings[0]?.suppressed;
  if (live.length === 0 && first) return { ...result, findings, suppressed: first };
  return { ...result, findings, severity: strongest(live.map(({ severity }) => severity)) ?? result.severity };
}

function namesRule({ rule }: SuppressionEntry, ruleId: string): boolean {
  return rule === ruleId || ruleId.startsWith(`${rule}/`);
}

function matches(pattern: string | undefined, text: string): boolean {
  return pattern === undefined || globMatcher(pattern)(text);
}
