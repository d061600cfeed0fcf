import type { Finding, FixedFinding, ImageReport, Suppression } from './model.ts';
import { withSuppressions } from './suppress.ts';
import { liveFindings, type VerdictOptions } from './verdict.ts';

/** A finding that was there when the baseline was written. Message and path are for the people who read the file. */
export interface KnownFinding extends FixedFinding {
  readonly fingerprint: string;
}

/** Known findings by the label of their image. */
export type Baseline = Readonly<Record<string, readonly KnownFinding[]>>;

/** The live findings of some images as a baseline, in the order of the fingerprints, so that a file of it changes little. */
export function baselineOf(images: readonly ImageReport[]): Baseline {
  return Object.fromEntries(images.map((image) => [image.label, known(image).sort(byFingerprint)]));
}

/**
 * Takes the findings that the baseline knows out of the verdict, and tells what is new and what is fixed. A finding
 * counts as fixed only when its rule could look again.
 */
export function compareWithBaseline(image: ImageReport, baseline: Baseline, options: VerdictOptions): ImageReport {
  const entries = baseline[image.label] ?? [];
  const before = new Set(entries.map(({ fingerprint }) => fingerprint));
  const now = image.results.flatMap(liveFindings);
  const accept = (_rule: string, _path: string | undefined, finding?: Finding): Suppression | undefined =>
    finding && before.has(finding.fingerprint) ? { reason: 'known to the baseline', by: 'baseline' } : undefined;
  const unchanged = now.filter(({ fingerprint }) => before.has(fingerprint)).length;
  return {
    ...withSuppressions(image, accept, options),
    baseline: { new: now.length - unchanged, unchanged, fixed: fixedFindings(image, entries) },
  };
}

/** The baseline without what the images no longer have; images that were not scanned keep their entries. */
export function pruneBaseline(baseline: Baseline, images: readonly ImageReport[]): Baseline {
  const gone = new Map(
    images.map((image) => [
      image.label,
      new Set(goneFrom(image, baseline[image.label] ?? []).map(({ fingerprint }) => fingerprint)),
    ]),
  );
  return Object.fromEntries(
    Object.entries(baseline).map(([label, entries]) => [
      label,
      entries.filter(({ fingerprint }) => !gone.get(label)?.has(fingerprint)),
    ]),
  );
}

function fixedFindings(image: ImageReport, entries: readonly KnownFinding[]): readonly FixedFinding[] {
  return goneFrom(image, entries).map(({ ruleId, message, path }) => ({
    ruleId,
    message,
    ...(path !== undefined && { path }),
  }));
}

function goneFrom(image: ImageReport, entries: readonly KnownFinding[]): readonly KnownFinding[] {
  const present = new Set(image.results.flatMap(({ findings }) => findings.map(({ fingerprint }) => fingerprint)));
  const decided = new Set(
    image.results.flatMap(({ ruleId, outcome }) =>
      outcome === 'pass' || outcome === 'fail' || outcome === 'not-applicable' ? [ruleId] : [],
    ),
  );
  return entries.filter(({ ruleId, fingerprint }) => decided.has(ruleId) && !present.has(fingerprint));
}

function known(image: ImageReport): KnownFinding[] {
  return image.results.flatMap((result) =>
    liveFindings(result).map(({ message, evidence: [first], fingerprint }) => ({
      ruleId: result.ruleId,
      message,
      ...(first && { path: first.path }),
      fingerprint,
    })),
  );
}

function byFingerprint(a: KnownFinding, b: KnownFinding): number {
  if (a.fingerprint === b.fingerprint) return 0;
  return a.fingerprint < b.fingerprint ? -1 : 1;
}
