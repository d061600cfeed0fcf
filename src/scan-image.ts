import type { Rule } from './engine/define.ts';
import type { Host } from './engine/host.ts';
import type { FirstBootSummary, Generation, ImageReport, Intent, Severity, SystemSummary } from './engine/model.ts';
import { runRules } from './engine/run.ts';
import { Scan } from './engine/scan.ts';
import { countsOf, type FailOn, verdictOf } from './engine/verdict.ts';
import { agent } from './facts/agent.ts';
import { architecture } from './facts/architecture.ts';
import { cloudInit } from './facts/cloud-init.ts';
import { type BootGeneration, bootGeneration } from './facts/disk/boot-generation.ts';
import { distribution } from './facts/distribution.ts';
import { family } from './facts/family.ts';
import { firstBoot } from './facts/first-boot.ts';
import { kernels } from './facts/kernels.ts';
import { isCouldNotRead } from './image/could-not-read.ts';
import type { Image } from './image/image.ts';

export interface ScanOptions {
  readonly intent: Intent;
  readonly rules: readonly Rule[];
  readonly host: Host;
  /** Short name of the image in reports. */
  readonly label: string;
  readonly failOn: FailOn;
  readonly allowUnknown: boolean;
  /** Severities by rule id that replace the rule's own. */
  readonly severities?: ReadonlyMap<string, Severity>;
}

/** Scans one opened image and gives the report of it. */
export async function scanImage(image: Image, options: ScanOptions): Promise<ImageReport> {
  const started = options.host.now();
  const scan = new Scan(image.rootFs, options.host, image.disk, image.target.slice(image.target.lastIndexOf('/') + 1));
  const { intent, severities } = options;
  const run = await runRules(scan, options.rules, {
    intent,
    offers: image.offers,
    applicability: { family, architecture },
    ...(severities && { severities }),
  });
  const { results } = run;
  const system = await summarizeSystem(scan);
  const boot = await summarizeFirstBoot(scan, intent);
  const file = image.fileUsage?.();
  return {
    target: image.target,
    label: options.label,
    kind: image.kind,
    intent: {
      imageType: intent.imageType,
      imageTypeDeclared: intent.imageTypeDeclared,
      storage: intent.storage,
      generation: intent.generation ?? null,
      profiles: intent.profiles,
      ...(intent.scenario && { scenario: intent.scenario }),
      ...(intent.intermediate && { intermediate: true }),
    },
    system,
    firstBoot: boot,
    verdict: run.internalErrors.length > 0 ? 'undecided' : verdictOf(results, options),
    counts: countsOf(results),
    results,
    internalErrors: run.internalErrors,
    ...(image.notices && { notices: image.notices }),
    stats: {
      durationMs: options.host.now().getTime() - started.getTime(),
      ...image.rootFs.usage,
      ...(file && { imageBytesRead: file.bytesRead, imageReads: file.reads }),
      judgedOn: started.toISOString().slice(0, 10),
    },
  };
}

async function summarizeSystem(scan: Scan): Promise<SystemSummary> {
  const system = readable(await scan.attempt(distribution));
  const waagent = readable(await scan.attempt(agent));
  const cloud = readable(await scan.attempt(cloudInit));
  return {
    distribution: system
      ? {
          id: system.id,
          versionId: system.versionId ?? null,
          prettyName: system.prettyName ?? null,
          family: system.family,
        }
      : null,
    architecture: readable(await scan.attempt(architecture)) ?? null,
    agent: waagent?.installed ? { version: waagent.version?.text ?? null } : null,
    cloudInit: cloud?.installed ? { version: cloud.version?.text ?? null } : null,
    kernels: readable(await scan.attempt(kernels)) ?? [],
    generation: generationsOf(readable(await scan.attempt(bootGeneration))),
  };
}

async function summarizeFirstBoot(scan: Scan, intent: Intent): Promise<FirstBootSummary | null> {
  const boot = await scan.attempt(firstBoot);
  if (isCouldNotRead(boot)) {
    const summary = `cannot be predicted: ${boot.message}`;
    return { provisioner: 'unknown', outcome: 'unknown', summary, steps: [], evidence: [] };
  }
  const { provisioner, outcome, summary, steps, evidence } = boot[intent.imageType];
  return { provisioner, outcome, summary, steps, evidence };
}

/** Null where files alone, or an unreadable partition, leave a generation undecided. */
function generationsOf(boot: BootGeneration | undefined): readonly Generation[] | null {
  if (boot?.from !== 'disk') return null;
  const { bios, uefi } = boot;
  if (bios.can === 'unknown' || uefi.can === 'unknown') return null;
  return [...(bios.can === 'yes' ? [1 as const] : []), ...(uefi.can === 'yes' ? [2 as const] : [])];
}

function readable<T>(value: T): Exclude<T, Error> | undefined {
  // A fact's value is never an Error, so what is left after the check is the fact's own type.
  return value instanceof Error ? undefined : (value as Exclude<T, Error>);
}
