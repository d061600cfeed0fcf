import { parentPort } from 'node:worker_threads';
import { type ScanRequest, scanNamed } from './scan-named.ts';

/** Runs in a thread of `openLane`: answers each request with the report, or the error as a value. */
export async function answerScanRequests(): Promise<void> {
  const { default: rules } = await import('../../rules/index.ts');
  parentPort?.on('message', (request: ScanRequest) => {
    const asValue = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));
    void scanNamed(request, rules)
      .catch(asValue)
      .then((outcome) => parentPort?.postMessage(outcome));
  });
}
