import { availableParallelism } from 'node:os';
import type { Rule } from '../engine/define.ts';
import type { ImageReport } from '../engine/model.ts';
import type { CliIo } from './io.ts';
import { withProgress } from './progress.ts';
import { type ScanRequest, scanNamed } from './scan-named.ts';
import type { Unscanned } from './targets.ts';

export interface ScanAllOptions {
  readonly io: CliIo;
  /** Seconds for each image. */
  readonly timeout: number | undefined;
  /** Threads at most; undefined: one for each processor. */
  readonly jobs: number | undefined;
}

/**
 * Scans images, the outcomes in their order. One image is scanned right here; several share the processors, no thread
 * more than there are, so memory stays that of so many scans.
 */
export async function scanAll(
  requests: readonly ScanRequest[],
  rules: readonly Rule[],
  { io, timeout, jobs = availableParallelism() }: ScanAllOptions,
): Promise<readonly (ImageReport | Unscanned)[]> {
  // Rules that a test brings along cannot be handed to a thread.
  const inThreads = timeout !== undefined || (requests.length > 1 && jobs > 1 && io.rules === undefined);
  const [first] = requests;
  const name = requests.length === 1 && first ? first.target : `${requests.length} images`;
  return withProgress(io, name, async () => {
    if (inThreads) return inLanes(requests, Math.min(jobs, requests.length), timeout);
    const outcomes: (ImageReport | Unscanned)[] = [];
    for (const request of requests) outcomes.push(await scanNamed(request, rules));
    return outcomes;
  });
}

async function inLanes(requests: readonly ScanRequest[], count: number, timeout: number | undefined) {
  const { openLane } = await import('./scan-lane.ts');
  const outcomes: (ImageReport | Unscanned)[] = [];
  const queue = [...requests.entries()];
  const work = async () => {
    const lane = openLane();
    try {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const [index, request] = next;
        outcomes[index] = await lane.scan(request, timeout);
      }
    } finally {
      await lane.close();
    }
  };
  await Promise.all(Array.from({ length: count }, work));
  return outcomes;
}
