import { type Observation, observe, type Trace, traceRules } from './observe.ts';
import type { Look } from './recording.ts';

/**
 * - `same`: nothing of it matters
 * - `other`: files or results differ and nothing is said, as where there is no checksum
 * - `partly`: something cannot be read, and it is said
 * - `refused`: nothing can be scanned, and it is said why
 */
export type SampleOutcome = 'same' | 'other' | 'partly' | 'refused';

export interface Judgement {
  readonly outcome: SampleOutcome;
  /** What must never be; the first line of each tells it from others. */
  readonly defects: readonly string[];
}

/** What a good image shows, and what its rules looked at when they passed. */
export interface Reference {
  readonly observation: Observation;
  readonly passes: ReadonlyMap<string, Trace>;
  /** Whether the rule does not pass on the good image when the path is absent from it. */
  readonly isDecisive: (id: string, path: string) => Promise<boolean>;
}

/** @param target A good image. */
export async function referenceOf(target: string): Promise<Reference> {
  const observation = await observe(target);
  const traces =
    observation.refusal === undefined
      ? await traceRules(target, observation.outcomes.keys())
      : new Map<string, Trace>();
  const isDecisive = async (id: string, path: string): Promise<boolean> =>
    (await traceRules(`${target}.good`, [id], path)).get(id)?.outcome !== 'pass';
  return { observation, passes: new Map([...traces].filter(([, { outcome }]) => outcome === 'pass')), isDecisive };
}

/** Compares a damaged image with the good one. */
export async function judgeSample(target: string, reference: Reference): Promise<Judgement> {
  const now = await observe(target);
  const defects = [
    ...now.crashes,
    ...absentWhereUnreadable(reference.observation, now),
    ...(await wrongPasses(target, reference, now)),
  ];
  return { outcome: outcomeOf(reference.observation, now), defects };
}

function outcomeOf(good: Observation, now: Observation): SampleOutcome {
  if (now.refusal !== undefined && good.refusal === undefined) return 'refused';
  if (now.unread.size > good.unread.size || [...now.unread.keys()].some((path) => !good.unread.has(path)))
    return 'partly';
  const isSame = now.refusal === good.refusal && same(good.files, now.files) && same(good.outcomes, now.outcomes);
  return isSame ? 'same' : 'other';
}

function same(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
}

/**
 * A rule that passed on the good image by a file which now cannot be read, and passes without it. By a file: the pass
 * named it as its evidence, or the rule would not pass if it were absent.
 */
async function wrongPasses(target: string, { passes, isDecisive }: Reference, now: Observation): Promise<string[]> {
  const unreadable = [...now.looks].flatMap(([path, look]) => (look === 'unreadable' ? [path] : []));
  const suspects = [...passes].flatMap(([id, { looks }]) =>
    now.outcomes.get(id) === 'pass' && unreadable.some((path) => looks.get(path) === 'found') ? [id] : [],
  );
  if (suspects.length === 0) return [];
  const defects: string[] = [];
  for (const [id, { outcome, looks, evidence }] of await traceRules(target, suspects)) {
    const good = passes.get(id);
    if (outcome !== 'pass' || !good) continue;
    for (const [path, look] of looks) {
      if (look !== 'unreadable' || good.looks.get(path) !== 'found') continue;
      const isEvidence = good.evidence.includes(path) && evidence.every((other) => !good.evidence.includes(other));
      if (isEvidence || (await isDecisive(id, path)))
        defects.push(`wrong pass: ${id} passes, though ${path} cannot be read`);
    }
  }
  return defects;
}

/**
 * What was in a directory that now cannot be read is not known to be absent. A name that never was is: a directory is
 * also unreadable when the type of one of its files is not known.
 */
function absentWhereUnreadable({ files }: Observation, { looks }: Observation): string[] {
  const unreadable = new Set([...looks].flatMap(([path, look]) => (look === 'unreadable' ? [path] : [])));
  const isWrong = ([path, look]: [string, Look]) =>
    look === 'absent' && files.has(path) && unreadable.has(path.slice(0, path.lastIndexOf('/')));
  const path = [...looks].find(isWrong)?.[0];
  return path === undefined ? [] : [`absent: ${path} is said to be absent, though its directory cannot be read`];
}
