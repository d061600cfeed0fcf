/**
 * The vocabulary of a scan: what a user declares, what a rule may answer, and the one result object from which
 * every report is rendered. Nothing here computes.
 */

/** Weight of a finding. `error` is kept for what stops an image from uploading, booting, provisioning or being accepted, or leaks identity to every clone. */
export type Severity = 'error' | 'warning' | 'info';

/** Generalized: set up on first boot by a provisioner. Specialized: boots as it is. */
export type ImageType = 'generalized' | 'specialized';

export type Storage = 'gallery' | 'managed-image' | 'managed-disk';

/** Hyper-V generation of the virtual machine: 1 boots by BIOS, 2 by UEFI. */
export type Generation = 1 | 2;

export type Profile = 'marketplace' | 'trusted-launch' | 'nvme' | 'accelerated-networking';

/** What the image is for, in the words of Microsoft's decision table for imaging. */
export type Scenario = 'configured-vms' | 'snapshot' | 'identical-clones';

/** Distribution families that rules distinguish. */
export type Family =
  | 'rhel'
  | 'fedora'
  | 'oracle'
  | 'debian'
  | 'ubuntu'
  | 'suse'
  | 'azurelinux'
  | 'flatcar'
  | 'alpine'
  | 'arch'
  | 'bsd'
  | 'other';

/** Instruction set architecture of the image's own programs, named as the kernel names it. */
export type Architecture = 'x86_64' | 'aarch64' | 'i386' | 'other';

/** What the user declared about the image. */
export interface Intent {
  readonly imageType: ImageType;
  /** False when `imageType` is only the default. */
  readonly imageTypeDeclared: boolean;
  readonly storage: Storage;
  /** Undefined when neither the user nor the disk says. */
  readonly generation?: Generation;
  readonly profiles: readonly Profile[];
  readonly scenario?: Scenario;
  /** The file is converted before the upload, so what its container lacks is advice. */
  readonly intermediate?: boolean;
}

/** A place in the image that supports a statement. Text is as the file has it: escape before printing, mask secrets before storing. */
export interface Evidence {
  /**
   * Absolute path inside the image. What is on the disk and in no file has a place below /dev/disk: `/dev/disk/p2` is
   * partition 2, `/dev/disk/rootvg/rootlv` a logical volume, `/dev/disk` the disk and the file that holds it.
   */
  readonly path: string;
  /** Counted from 1. */
  readonly line?: number;
  readonly text?: string;
}

/** `skipped` is the engine's word: this kind of target cannot show it. `unknown`: should have been decidable and was not. */
export type Outcome = 'pass' | 'fail' | 'not-applicable' | 'skipped' | 'unknown';

/** Why a finding does not count. */
export interface Suppression {
  readonly reason: string;
  /** Last day (UTC, YYYY-MM-DD) on which it does not count. */
  readonly expires?: string;
  /** Accepted by an entry of the configuration, or known since the baseline was written. */
  readonly by: 'configuration' | 'baseline';
}

/** One reason inside a failed result. */
export interface Finding {
  readonly message: string;
  /** Equal to the result's severity, or weaker. */
  readonly severity: Severity;
  readonly evidence: readonly Evidence[];
  /** Stable over runs, machines and line shifts: a hash of rule, path and subject. */
  readonly fingerprint: string;
  readonly suppressed?: Suppression;
}

/** Outcome of one rule on one image. */
export interface Result {
  readonly ruleId: string;
  readonly covers: readonly string[];
  /** For a failed result the strongest severity among its findings, else the rule's own under this intent. */
  readonly severity: Severity;
  readonly outcome: Outcome;
  readonly title: string;
  readonly reason?: string;
  readonly findings: readonly Finding[];
  /** What a passing rule rests on. */
  readonly evidence?: readonly Evidence[];
  readonly rationale: string;
  readonly remediation: string;
  readonly fix?: readonly string[];
  /** Page in the package, or an address; a rule of a plugin may have none. */
  readonly docs?: string;
  /** Set when nothing of the result counts: all its findings are suppressed, or its being undecided is. */
  readonly suppressed?: Suppression;
}

export type Verdict = 'pass' | 'fail' | 'undecided';

/** How many results ended how, and how many live findings there are of each severity. */
export interface Counts {
  readonly pass: number;
  readonly fail: number;
  readonly notApplicable: number;
  readonly skipped: number;
  readonly unknown: number;
  readonly suppressed: number;
  /** Findings that do not count, those of results that fail by another finding too. */
  readonly suppressedFindings: number;
  readonly error: number;
  readonly warning: number;
  readonly info: number;
}

export interface SystemSummary {
  readonly distribution: {
    readonly id: string;
    readonly versionId: string | null;
    readonly prettyName: string | null;
    readonly family: Family;
  } | null;
  readonly architecture: Architecture | null;
  readonly agent: { readonly version: string | null } | null;
  readonly cloudInit: { readonly version: string | null } | null;
  readonly kernels: readonly string[];
  /** Generations that the target can boot; null when the target does not show it. */
  readonly generation: readonly Generation[] | null;
}

export interface FirstBootSummary {
  readonly provisioner: string;
  /** The predicted outcome in one word, `ready`, `timeout`, … */
  readonly outcome: string;
  /** The same in one sentence. */
  readonly summary: string;
  readonly steps: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** A finding of an earlier run that is no more. */
export interface FixedFinding {
  readonly ruleId: string;
  readonly message: string;
  readonly path?: string;
}

/** The findings of an image beside those that its baseline knows. */
export interface BaselineComparison {
  readonly new: number;
  readonly unchanged: number;
  readonly fixed: readonly FixedFinding[];
}

export interface ImageReport {
  readonly target: string;
  readonly label: string;
  readonly kind: 'directory' | 'tar' | 'disk';
  readonly intent: {
    readonly imageType: ImageType;
    /** False when nobody declared `imageType` and it is the default. */
    readonly imageTypeDeclared: boolean;
    readonly storage: Storage;
    readonly generation: Generation | null;
    readonly profiles: readonly Profile[];
    readonly scenario?: Scenario;
    readonly intermediate?: boolean;
  };
  readonly system: SystemSummary;
  readonly firstBoot: FirstBootSummary | null;
  readonly verdict: Verdict;
  readonly counts: Counts;
  readonly results: readonly Result[];
  /** Set when the run was compared with a baseline. */
  readonly baseline?: BaselineComparison;
  /** Rules that threw: a defect of the rule, never a statement about the image. */
  readonly internalErrors: readonly { readonly ruleId: string; readonly message: string }[];
  /** Sentences about how the target was read that qualify every result. */
  readonly notices?: readonly string[];
  readonly stats: {
    readonly durationMs: number;
    readonly filesRead: number;
    readonly bytesRead: number;
    /** Fetched from the file of a disk or a tar: bytes, and system calls. */
    readonly imageBytesRead?: number;
    readonly imageReads?: number;
    /** Day (UTC, YYYY-MM-DD) by which dated facts, such as the end of support of a release, were judged. */
    readonly judgedOn: string;
  };
}

/** The one result object of a run. */
export interface Report {
  readonly schemaVersion: 1;
  readonly tool: { readonly name: string; readonly version: string };
  readonly verdict: Verdict;
  readonly exitCode: number;
  readonly images: readonly ImageReport[];
  /** Sentences about the settings of the run: suppressions that have expired or that nothing needs. */
  readonly warnings?: readonly string[];
  /** Targets that could not be scanned at all. */
  readonly unscanned: readonly { readonly target: string; readonly message: string }[];
}
