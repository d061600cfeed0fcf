import { type CouldNotRead, describeUnread, isCouldNotRead } from '../image/could-not-read.ts';
import type { Need } from '../image/image.ts';
import type { ScannedDisk } from '../image/mount-plan.ts';
import type { RootFs } from '../image/root-fs.ts';
import type { Fix } from './fix.ts';
import type { Host } from './host.ts';
import type {
  Architecture,
  Evidence,
  Family,
  Generation,
  ImageType,
  Intent,
  Profile,
  Severity,
  Storage,
} from './model.ts';

/** What a fact may look at while it is computed. */
export interface FactContext {
  readonly rootFs: RootFs;
  /** Undefined when the target is not a disk file; rules that need one are then skipped. */
  readonly disk: ScannedDisk | undefined;
  /** Last part of the name of a disk file. */
  readonly fileName: string | undefined;
  readonly host: Host;
  /** Value of another fact; throws the `CouldNotRead` of that fact. Each fact is computed once per image. */
  readonly get: <T>(fact: Fact<T>) => Promise<T>;
}

/**
 * A typed statement about the image. It describes and never judges: absence is a value, inability is a thrown
 * `CouldNotRead`.
 */
export interface Fact<T> {
  /** A noun, unique among facts; a plugin's facts begin with `<plugin>/`. */
  readonly id: string;
  /** One sentence for the documentation: what the fact says. */
  readonly description: string;
  /** Paths that it reads, for documentation; globs allowed. */
  readonly reads: readonly string[];
  compute(context: FactContext): T | Promise<T>;
}

export function defineFact<T>(fact: Fact<T>): Fact<T> {
  return fact;
}

/** One reason for a `fail`, before the engine adds severity and fingerprint. */
export interface FindingDraft {
  readonly message: string;
  readonly evidence: readonly Evidence[];
  /** Left out: the rule's severity. A stronger one than the rule's is lowered to it. */
  readonly severity?: Severity;
  /** What the finding is about, when path and text of the first evidence do not identify it. */
  readonly subject?: string;
  /** Something was looked for and not found, so that it may be in what could not be read. */
  readonly restsOnAbsence?: boolean;
}

export type Judgement =
  | { readonly outcome: 'pass'; readonly evidence: readonly Evidence[] }
  | { readonly outcome: 'fail'; readonly findings: readonly FindingDraft[]; readonly reason?: string }
  | { readonly outcome: 'not-applicable'; readonly reason: string }
  | { readonly outcome: 'unknown'; readonly reason: string };

export function pass(evidence: Evidence | readonly Evidence[] = []): Judgement {
  return { outcome: 'pass', evidence: toArray(evidence) };
}

export function fail(findings: FindingDraft | readonly FindingDraft[]): Judgement {
  return { outcome: 'fail', findings: toArray(findings) };
}

export function notApplicable(reason: string): Judgement {
  return { outcome: 'not-applicable', reason };
}

export function unknown(reason: string): Judgement {
  return { outcome: 'unknown', reason };
}

/** `message` says what is wrong here in one sentence without a full stop, with the value found and the value wanted. */
export function finding(
  message: string,
  evidence: Evidence | readonly Evidence[] = [],
  options: Pick<FindingDraft, 'severity' | 'subject' | 'restsOnAbsence'> = {},
): FindingDraft {
  return { message, evidence: toArray(evidence), ...options };
}

/** The verdict where what could not be read might turn it: unknown when there is such a thing, else undefined. */
export function unknownBy(unread: readonly CouldNotRead[]): Judgement | undefined {
  return unread.length > 0 ? unknown(describeUnread(unread)) : undefined;
}

/**
 * The usual ending of a rule: findings fail it; without any, something unread leaves it unknown; else it passes.
 * A failing result mentions what could not be read, so that nobody takes the list of findings for complete. Beside
 * something unread no finding counts that rests on absence.
 */
export function judge(
  findings: readonly FindingDraft[],
  evidence: readonly Evidence[] = [],
  unread: readonly CouldNotRead[] = [],
): Judgement {
  const reason = describeUnread(unread);
  const sure = reason ? findings.filter(({ restsOnAbsence }) => !restsOnAbsence) : findings;
  if (sure.length > 0) return { outcome: 'fail', findings: sure, ...(reason && { reason: `incomplete: ${reason}` }) };
  return reason ? unknown(reason) : pass(evidence);
}

/** Splits the results of `attempt` into what was read and what was not. */
export function partition<T>(readings: readonly (T | CouldNotRead)[]): { read: T[]; unread: CouldNotRead[] } {
  const read: T[] = [];
  const unread: CouldNotRead[] = [];
  for (const reading of readings) {
    if (isCouldNotRead(reading)) unread.push(reading);
    else read.push(reading);
  }
  return { read, unread };
}

/** Data that decides whether a rule looks at an image at all. A missing key means any. */
export interface AppliesTo {
  readonly imageTypes?: readonly ImageType[];
  readonly storages?: readonly Storage[];
  readonly generations?: readonly Generation[];
  /** The rule runs only under one of these profiles. */
  readonly profiles?: readonly Profile[];
  readonly families?: readonly Family[];
  readonly architectures?: readonly Architecture[];
}

export type SeverityByProfile = Severity | ({ readonly base: Severity } & { readonly [P in Profile]?: Severity });

export interface RuleMetadata {
  /** `area/noun`, the path of the rule's file below `rules/`. */
  readonly id: string;
  /** The good state, as a statement. */
  readonly title: string;
  readonly severity: SeverityByProfile;
  /** What breaks otherwise, and on which boot. */
  readonly rationale: string;
  /** What to do, in the imperative. */
  readonly remediation: string;
  /** Shell lines to review and run in the image; those of its family where families differ. */
  readonly fix?: Fix;
  /** Where the requirement stands: https addresses. */
  readonly references: readonly string[];
  /** Requirements that the rule enforces. */
  readonly covers: readonly string[];
  /** Tests of Microsoft's LISA suite that the rule predicts. */
  readonly lisa: readonly string[];
  /** Kinds of input that the rule cannot do without. */
  readonly needs: readonly Need[];
  readonly appliesTo: AppliesTo;
  /** Where a rule of a plugin is documented; built-in rules have pages of their own. */
  readonly url?: string;
}

// biome-ignore lint/complexity/noBannedTypes: a rule may need no fact at all.
type NoFacts = {};

export interface RuleDefinition<F extends Readonly<Record<string, Fact<unknown>>> = NoFacts> extends RuleMetadata {
  /** The facts that `check` reads; one that cannot be read makes the result unknown. */
  readonly facts: F;
  check(facts: { readonly [K in keyof F]: F[K] extends Fact<infer T> ? T : never }, intent: Intent): Judgement;
}

/** A rule as the engine sees it: the types of its facts are erased. */
export interface Rule extends RuleMetadata {
  /** Name of the plugin that brought it; undefined for a built-in rule. */
  readonly plugin?: string;
  readonly facts: Readonly<Record<string, Fact<unknown>>>;
  check(facts: never, intent: Intent): Judgement;
}

/** Page of a built-in rule within the package, or the address that a plugin gives. */
export function docsOf({ id, plugin, url }: Rule): string | undefined {
  return plugin === undefined ? `docs/rules/${id}.md` : url;
}

export function defineRule<const F extends Readonly<Record<string, Fact<unknown>>>>(rule: RuleDefinition<F>): Rule {
  return rule;
}

function toArray<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
