import leven from 'leven';

/** The candidate that somebody who typed `word` most likely meant, in whatever case; undefined when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  if (lower === '') return undefined;
  const byDistance = candidates
    .map((candidate) => ({ candidate, steps: leven(lower, candidate.toLowerCase()) }))
    .sort((a, b) => a.steps - b.steps);
  const [best] = byDistance;
  if (best && best.steps <= Math.max(2, Math.floor(word.length / 3))) return best.candidate;
  return candidates.find((candidate) => candidate.split('/').includes(lower));
}

/** `; did you mean "x"?`, or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const best = nearest(word, candidates);
  return best === undefined ? '' : `; did you mean "${best}"?`;
}
