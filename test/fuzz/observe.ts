import { createHash } from 'node:crypto';
import rules from '../../rules/index.ts';
import { inspect } from '../../src/cli/commands/inspect.ts';
import { filesAt } from '../../src/cli/commands/ls.ts';
import type { CliIo, Sink } from '../../src/cli/io.ts';
import { piecesOf } from '../../src/cli/open-files.ts';
import { UsageError } from '../../src/config/usage-error.ts';
import type { BlockDevice } from '../../src/disk/block-device.ts';
import { attemptDisk, DiskError } from '../../src/disk/disk-error.ts';
import type { Rule } from '../../src/engine/define.ts';
import type { Outcome } from '../../src/engine/model.ts';
import { runRules } from '../../src/engine/run.ts';
import { Scan } from '../../src/engine/scan.ts';
import { architecture } from '../../src/facts/architecture.ts';
import { family } from '../../src/facts/family.ts';
import { nodeHost } from '../../src/host/host.ts';
import { openAny, openTarget } from '../../src/host/open.ts';
import { openVolume } from '../../src/host/open-volume.ts';
import { attempt, isCouldNotRead } from '../../src/image/could-not-read.ts';
import { type Image, TargetError } from '../../src/image/image.ts';
import type { RootFs } from '../../src/image/root-fs.ts';
import { scanImage } from '../../src/scan-image.ts';
import { defaultIntent } from '../../src/testing/rule-cases.ts';
import { type Look, RecordingRootFs } from './recording.ts';

/** What a user gets to see of a target. */
export interface Observation {
  /** Why it cannot be scanned. */
  readonly refusal?: string;
  /** By rule. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** What each path in the scan's questions led to. */
  readonly looks: ReadonlyMap<string, Look>;
  /** Of each file a summary by which changes show, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** What could not be read, by path. */
  readonly unread: ReadonlyMap<string, string>;
  /** Defects of the program. */
  readonly crashes: readonly string[];
}

const host = { ...nodeHost, now: () => new Date('2026-06-01T00:00:00Z') };

/** Entries; a good image has a few hundred. */
const MOST_ENTRIES = 50_000;
/** Bytes of one file, and of all, whose content is looked at. */
const MOST_CONTENT = 8 * 1024 * 1024;

interface Notes {
  readonly files: Map<string, string>;
  readonly unread: Map<string, string>;
  readonly crashes: string[];
}

/** Scans a target by all rules, lists all its files with their contents and inspects it. */
export async function observe(target: string): Promise<Observation> {
  const notes: Notes = { files: new Map(), unread: new Map(), crashes: [] };
  let outcomes: ReadonlyMap<string, Outcome> = new Map();
  let looks: ReadonlyMap<string, Look> = new Map();
  let refusal: string | undefined;
  await guarded(notes, async () => {
    const image = await openOr(target, (reason) => {
      refusal = reason;
    });
    if (!image) return;
    try {
      const rootFs = new RecordingRootFs(image.rootFs);
      const report = await scan({ ...image, rootFs }, rules);
      outcomes = new Map(report.results.map(({ ruleId, outcome }) => [ruleId, outcome]));
      looks = rootFs.looks;
      for (const { ruleId, message } of report.internalErrors) notes.crashes.push(`rule ${ruleId}: ${message}`);
      checkMessages(
        notes,
        report.results.flatMap(({ reason, findings }) => [reason ?? '', ...findings.map(({ message }) => message)]),
      );
      list(notes, image.rootFs, '');
    } finally {
      image.close?.();
    }
  });
  if (refusal !== undefined) await guarded(notes, () => observeVolumes(target, notes));
  await guarded(notes, () => inspected(target));
  checkMessages(notes, [refusal ?? '', ...notes.unread.values()]);
  return {
    ...(refusal !== undefined && { refusal }),
    outcomes,
    looks,
    files: notes.files,
    unread: notes.unread,
    crashes: notes.crashes,
  };
}

/** What one rule asks a target for, on its own, and how it judges. */
export interface Trace {
  readonly outcome: Outcome;
  readonly looks: ReadonlyMap<string, Look>;
  /** Paths that a pass rests on. */
  readonly evidence: readonly string[];
}

/** @param hidden A path that shall be absent. */
export async function traceRules(target: string, ids: Iterable<string>, hidden?: string): Promise<Map<string, Trace>> {
  const image = await openTarget(target);
  const wanted = new Set(ids);
  const traces = new Map<string, Trace>();
  try {
    for (const rule of rules) {
      if (!wanted.has(rule.id)) continue;
      const rootFs = new RecordingRootFs(image.rootFs, hidden);
      const [result] = (await judge({ ...image, rootFs }, [rule])).results;
      if (!result) continue;
      const evidence = result.evidence?.map(({ path }) => path) ?? [];
      traces.set(rule.id, { outcome: result.outcome, looks: rootFs.looks, evidence });
    }
  } finally {
    image.close?.();
  }
  return traces;
}

function judge(image: Image, chosen: readonly Rule[]) {
  const name = image.target.slice(image.target.lastIndexOf('/') + 1);
  return runRules(new Scan(image.rootFs, host, image.disk, name), chosen, {
    intent: defaultIntent,
    offers: image.offers,
    applicability: { family, architecture },
  });
}

function scan(image: Image, chosen: readonly Rule[]) {
  return scanImage(image, {
    rules: chosen,
    intent: defaultIntent,
    host,
    label: 'x',
    failOn: 'error',
    allowUnknown: false,
  });
}

async function openOr(target: string, refuse: (reason: string) => void): Promise<Image | undefined> {
  try {
    return await openTarget(target);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    refuse(error.message.replace(target, 'TARGET'));
    return undefined;
  }
}

async function guarded(notes: Notes, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    notes.crashes.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

/** Of a disk without a root: the files of each volume, else the bytes inside of the container. */
async function observeVolumes(target: string, notes: Notes): Promise<void> {
  const opened = await openAny(target).catch((error: unknown) => {
    if (error instanceof TargetError) return undefined;
    throw error;
  });
  try {
    const { disk } = opened ?? {};
    if (!disk) return;
    const volumes = disk.volumes.filter(({ content }) => content.kind === 'file-system');
    if (volumes.length === 0) readDevice(notes, disk.device);
    for (const { id } of volumes) await observeVolume(target, id, notes);
  } finally {
    opened?.close();
  }
}

async function observeVolume(target: string, id: string, notes: Notes): Promise<void> {
  try {
    const { rootFs, close } = await openVolume(target, id);
    try {
      list(notes, rootFs, `${id}:`);
    } finally {
      close();
    }
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    notes.unread.set(`${id}:/`, error.message.replace(target, 'TARGET'));
  }
}

function readDevice({ files, unread }: Notes, device: BlockDevice): void {
  const STEP = 1024 * 1024;
  for (let at = 0; at < Math.min(device.size, 64 * STEP); at += STEP) {
    const bytes = attemptDisk(() => device.read(at, Math.min(STEP, device.size - at)));
    if (bytes instanceof DiskError) unread.set(`disk:${at}`, bytes.message);
    else files.set(`disk:${at}`, createHash('sha256').update(bytes).digest('hex'));
  }
}

/** As `ls --recursive --hash`, within bounds. */
function list({ files, unread, crashes }: Notes, rootFs: RootFs, prefix: string): void {
  let entries = 0;
  let budget = 8 * MOST_CONTENT;
  for (const file of filesAt(rootFs, '/', { isRecursive: true, hasHash: false })) {
    if (++entries > MOST_ENTRIES) {
      crashes.push(
        `endless: a list of all files has more than ${MOST_ENTRIES} lines, at last ${file.path.slice(0, 60)}…`,
      );
      return;
    }
    if ('problem' in file) {
      unread.set(prefix + file.path, file.problem);
      continue;
    }
    const { type, mode, uid, gid, size, mtime } = file.status;
    const wanted = type === 'file' && budget > 0;
    const hash = wanted ? attempt(() => hashOf(rootFs, file.path, Math.min(MOST_CONTENT, budget))) : '';
    if (wanted) budget -= Math.min(size, MOST_CONTENT);
    if (isCouldNotRead(hash)) unread.set(prefix + file.path, hash.message);
    else files.set(prefix + file.path, [type, mode, uid, gid, size, mtime, file.target ?? '', hash].join(' '));
  }
}

function hashOf(rootFs: RootFs, path: string, most: number): string {
  const hash = createHash('sha256');
  let left = most;
  for (const piece of piecesOf(rootFs, path)) {
    hash.update(piece);
    left -= piece.length;
    if (left <= 0) break;
  }
  return hash.digest('hex').slice(0, 16);
}

async function inspected(target: string): Promise<void> {
  const sink: Sink = { write: () => {}, isTTY: false };
  const io: CliIo = { stdout: sink, stderr: sink, env: {}, cwd: '/' };
  try {
    await inspect(target, {}, io);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
  }
}

/** An error of the language, or a value that is none, in what a user reads. */
const slip =
  /\bundefined\b|\bNaN\b|\[object |is not a function|Cannot read propert|Invalid (?:array|typed array|string) length|out of (?:bounds|range)|outside the bounds|Maximum call stack|Invalid time value|\n\s+at /;

function checkMessages({ crashes }: Notes, messages: readonly string[]): void {
  for (const message of messages) if (slip.test(message)) crashes.push(`message: ${message}`);
}
