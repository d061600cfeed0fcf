import { describeUnread, isCouldNotRead } from '../image/could-not-read.ts';
import type { Need } from '../image/image.ts';
import { excludedByArchitecture, excludedByFamily, excludedByIntent } from './applicability.ts';
import type { Fact, FindingDraft, Judgement, Rule } from './define.ts';
import { docsOf, notApplicable, unknown } from './define.ts';
import { fingerprints } from './fingerprint.ts';
import { fixFor, nameFile } from './fix.ts';
import type { Architecture, Evidence, Family, Finding, Intent, Result, Severity } from './model.ts';
import type { Scan } from './scan.ts';
import { compareSeverity, severityFor, strongest, weaker } from './severity.ts';

/** The facts by which the engine itself decides whether a rule applies. */
export interface ApplicabilityFacts {
  readonly family: Fact<Family | undefined>;
  readonly architecture: Fact<Architecture | undefined>;
}

export interface RunOptions {
  readonly intent: Intent;
  /** What the target can show. A rule that needs more is skipped. */
  readonly offers: ReadonlySet<Need>;
  readonly applicability: ApplicabilityFacts;
  /** Severities by rule id that replace the rule's own. */
  readonly severities?: ReadonlyMap<string, Severity>;
}

export interface RunOutcome {
  /** Sorted by severity, rule id. */
  readonly results: readonly Result[];
  readonly internalErrors: readonly { readonly ruleId: string; readonly message: string }[];
}

/** Judges an image by all rules. A rule that throws ends up in `internalErrors`; the others go on. */
export async function runRules(scan: Scan, rules: readonly Rule[], options: RunOptions): Promise<RunOutcome> {
  const results: Result[] = [];
  const internalErrors: { ruleId: string; message: string }[] = [];
  // All at once: while one waits for a decompressor in another thread, the others go on.
  const judged = await Promise.allSettled(rules.map((rule) => judge(scan, rule, options)));
  for (const [index, rule] of rules.entries()) {
    const outcome = judged[index];
    if (outcome?.status === 'fulfilled') results.push(outcome.value);
    else internalErrors.push({ ruleId: rule.id, message: messageOf(outcome?.reason) });
  }
  return { results: results.sort(byWeight), internalErrors };
}

async function judge(scan: Scan, rule: Rule, options: RunOptions): Promise<Result> {
  const missing = rule.needs.filter((need) => !options.offers.has(need));
  const judgement: EngineJudgement =
    missing.length === 0
      ? await judgementOf(scan, rule, options)
      : { outcome: 'skipped', reason: `this kind of target does not show: ${missing.join(', ')}` };
  return toResult(scan, rule, judgement, options, await fixLines(scan, rule, options));
}

/** The lines that the image's own distribution understands. */
async function fixLines(scan: Scan, rule: Rule, options: RunOptions): Promise<readonly string[] | undefined> {
  const family = await scan.attempt(options.applicability.family);
  const lines = fixFor(rule.fix, isCouldNotRead(family) ? undefined : family);
  return lines && nameFile(lines, scan.fileName);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function judgementOf(scan: Scan, rule: Rule, { intent, applicability }: RunOptions): Promise<Judgement> {
  const excluded = excludedByIntent(rule.appliesTo, intent);
  if (excluded) return notApplicable(excluded);
  try {
    if (rule.appliesTo.families) {
      const other = excludedByFamily(rule.appliesTo, await scan.get(applicability.family));
      if (other) return notApplicable(other);
    }
    if (rule.appliesTo.architectures) {
      const other = excludedByArchitecture(rule.appliesTo, await scan.get(applicability.architecture));
      if (other) return notApplicable(other);
    }
    const facts: Record<string, unknown> = {};
    for (const [name, fact] of Object.entries(rule.facts)) facts[name] = await scan.get(fact);
    // `defineRule` has checked that `check` takes exactly the values of the declared facts.
    return rule.check(facts as never, intent);
  } catch (error) {
    if (isCouldNotRead(error)) return unknown(describeUnread([error]));
    throw error;
  }
}

type EngineJudgement = Judgement | { readonly outcome: 'skipped'; readonly reason: string };

function toResult(
  scan: Scan,
  rule: Rule,
  judgement: EngineJudgement,
  options: RunOptions,
  fix: readonly string[] | undefined,
): Result {
  const own = options.severities?.get(rule.id) ?? severityFor(rule.severity, options.intent.profiles);
  const docs = docsOf(rule);
  const findings = judgement.outcome === 'fail' ? toFindings(scan, rule, judgement.findings, own) : [];
  return {
    ruleId: rule.id,
    covers: rule.covers,
    severity: strongest(findings.map(({ severity }) => severity)) ?? own,
    outcome: judgement.outcome,
    title: rule.title,
    ...('reason' in judgement && judgement.reason !== undefined && { reason: judgement.reason }),
    findings,
    ...(judgement.outcome === 'pass' && judgement.evidence.length > 0 && { evidence: judgement.evidence }),
    rationale: rule.rationale,
    remediation: rule.remediation,
    ...(fix && { fix }),
    ...(docs !== undefined && { docs }),
  };
}

function toFindings(scan: Scan, rule: Rule, drafts: readonly FindingDraft[], own: Severity): Finding[] {
  if (drafts.length === 0) throw new Error('the rule failed the image without naming a finding');
  const marks = fingerprints(rule.id, drafts, scan.host.sha256);
  return drafts
    .map((draft, index) => ({
      message: draft.message,
      severity: weaker(draft.severity ?? own, own),
      evidence: draft.evidence,
      fingerprint: marks[index] ?? '',
    }))
    .sort(
      (a, b) =>
        compareSeverity(a.severity, b.severity) ||
        compareEvidence(a.evidence[0], b.evidence[0]) ||
        compareText(a.message, b.message),
    );
}

/** The order of results in a report. */
export function byWeight(a: Result, b: Result): number {
  return compareSeverity(a.severity, b.severity) || compareText(a.ruleId, b.ruleId);
}

function compareEvidence(a: Evidence | undefined, b: Evidence | undefined): number {
  return compareText(a?.path ?? '', b?.path ?? '') || (a?.line ?? 0) - (b?.line ?? 0);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
