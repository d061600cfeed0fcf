import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { formatBaseline, parseBaseline } from '../config/baseline-file.ts';
import type { Configuration } from '../config/load.ts';
import { UsageError } from '../config/usage-error.ts';
import { type Baseline, baselineOf, compareWithBaseline, pruneBaseline } from '../engine/baseline.ts';
import type { ImageReport } from '../engine/model.ts';
import { hasExpired, isAboutImage, type SuppressionEntry, suppress } from '../engine/suppress.ts';
import type { VerdictOptions } from '../engine/verdict.ts';
import { systemErrorCode } from '../host/system-error.ts';
import { writeTextFile } from './destinations.ts';
import type { Flags } from './flags.ts';
import { switchFlag, textFlag } from './read-flags.ts';

export interface Accepted {
  readonly images: readonly ImageReport[];
  /** About suppressions that have expired or that nothing needs. */
  readonly warnings: readonly string[];
}

/** Names of baseline files as the user gave them. */
export interface BaselineFlags {
  readonly compare?: string;
  readonly write?: string;
  readonly prune: boolean;
}

export function baselineFlagsOf(flags: Flags): BaselineFlags {
  const compare = textFlag(flags, 'baseline');
  const write = textFlag(flags, 'write-baseline');
  const prune = switchFlag(flags, 'prune-baseline') ?? false;
  if (prune && compare === undefined) throw new UsageError('--prune-baseline: name the file by --baseline');
  return { ...(compare !== undefined && { compare }), ...(write !== undefined && { write }), prune };
}

/** Reads the file of `--baseline`. */
export function readBaseline(name: string, cwd: string): Baseline {
  try {
    return parseBaseline(name, readFileSync(resolve(cwd, name), 'utf8'));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const code = systemErrorCode(error);
    const hint = code === 'ENOENT' ? 'it does not exist; --write-baseline makes one' : code;
    throw new UsageError(`cannot read the baseline ${name}: ${hint}`);
  }
}

/** Applies the suppressions of the configuration, then the baseline, and writes what the flags ask for. */
export function acceptKnown(
  scanned: readonly ImageReport[],
  configuration: Configuration,
  baseline: { readonly flags: BaselineFlags; readonly known: Baseline | undefined; readonly cwd: string },
  options: VerdictOptions & { readonly today: string },
): Accepted {
  const entries = configuration.settings.suppressions ?? [];
  const suppressed = scanned.map((image) => suppress(image, entries, options));
  const used = new Set(suppressed.flatMap((one) => [...one.used]));
  const { flags, known, cwd } = baseline;
  const live = suppressed.map(({ image }) => image);
  const images = known ? live.map((image) => compareWithBaseline(image, known, options)) : live;
  if (flags.write !== undefined) writeTextFile(flags.write, cwd, formatBaseline(baselineOf(live)), 'baseline');
  if (flags.prune && flags.compare !== undefined && known)
    writeTextFile(flags.compare, cwd, formatBaseline(pruneBaseline(known, images)), 'baseline');
  const labels = scanned.map(({ label }) => label);
  return { images, warnings: entries.flatMap((entry, index) => complaint(entry, index)) };

  function complaint(entry: SuppressionEntry, index: number): readonly string[] {
    // An image that this run leaves out may need the entry.
    if (!labels.some((label) => isAboutImage(entry, label))) return [];
    const place = `${configuration.originOf('suppressions', [index])}: ${entry.rule}`;
    if (!used.has(entry)) return [`${place}: nothing needs this suppression any more; remove it`];
    if (!hasExpired(entry, options.today)) return [];
    return [`${place}: this suppression expired on ${entry.expires}, so its findings count again`];
  }
}
