import type { Golden } from './images.ts';
import { type Mutation, patchOf } from './mutation.ts';
import { type Change, differences, type Patch, patched } from './patch.ts';

/** Attempts; each may take as long as a sample that hangs. */
const MOST_ATTEMPTS = 60;

/** The smallest patch found that shows the same defect: without seals where they do not matter, in as few bytes as may be. */
export async function shrink(
  golden: Golden,
  mutation: Mutation,
  isSame: (patch: Patch) => Promise<boolean>,
): Promise<Patch> {
  let left = MOST_ATTEMPTS;
  const holds = async (candidate: Mutation): Promise<boolean> => left-- > 0 && isSame(patchOf(golden, candidate));
  let best: Mutation = {
    ...mutation,
    changes: differences(
      golden.bytes,
      patched(golden.bytes, mutation.length === undefined ? mutation : { changes: mutation.changes }),
    ),
  };
  if (best.isSealed && (await holds({ ...best, isSealed: false }))) best = { ...best, isSealed: false };
  for (let parts = 2; ; ) {
    const smaller = await fewer(best, parts, holds);
    if (smaller) best = smaller;
    else if (parts >= best.changes.length) {
      const split = splitChanges(best.changes);
      if (split.length === best.changes.length || left <= 0) return patchOf(golden, best);
      best = { ...best, changes: split };
      parts = 2;
    } else parts = Math.min(parts * 2, best.changes.length);
  }
}

/** Leaves out one of so many parts of the changes. */
async function fewer(
  { changes, ...rest }: Mutation,
  parts: number,
  holds: (candidate: Mutation) => Promise<boolean>,
): Promise<Mutation | undefined> {
  const size = Math.ceil(changes.length / parts);
  for (let from = 0; size > 0 && changes.length > 1 && from < changes.length; from += size) {
    const candidate = { ...rest, changes: [...changes.slice(0, from), ...changes.slice(from + size)] };
    if (candidate.changes.length > 0 && (await holds(candidate))) return candidate;
  }
  return undefined;
}

/** Longer runs in halves. */
function splitChanges(changes: readonly Change[]): Change[] {
  return changes.flatMap(({ offset, bytes }) => {
    const half = bytes.length >> 1;
    if (half === 0) return [{ offset, bytes }];
    return [
      { offset, bytes: bytes.subarray(0, half) },
      { offset: offset + half, bytes: bytes.subarray(half) },
    ];
  });
}
