import { parentPort } from 'node:worker_threads';
import type { Rule } from '../engine/define.ts';
import { allRules, type ImportModule } from './io.ts';
import { type ScanRequest, scanNamed } from './scan-named.ts';

/** Runs in a thread of `openLane`: answers each request with the report, or the error as a value. */
export function answerScanRequests(importModule: ImportModule): void {
  let rules: Promise<readonly Rule[]> | undefined;
  // All requests of a run name the same plugins.
  const rulesFor = ({ plugins = [] }: ScanRequest) => {
    rules ??= allRules({ importModule }, plugins);
    return rules;
  };
  parentPort?.on('message', (request: ScanRequest) => {
    const asValue = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));
    void rulesFor(request)
      .then((all) => scanNamed(request, all))
      .catch(asValue)
      .then((outcome) => parentPort?.postMessage(outcome));
  });
}
