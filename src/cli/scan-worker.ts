import { parentPort, workerData } from 'node:worker_threads';
import { type ScanRequest, scanNamed } from './scan-named.ts';

/** Runs in the thread that `scanWithin` starts, and sends it the report, or the error as a value. */
export async function answerScanRequest(): Promise<void> {
  const outcome = await scanNamed(
    // `scanWithin` is the only one to start such a thread.
    workerData as ScanRequest,
    (await import('../../rules/index.ts')).default,
  ).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  parentPort?.postMessage(outcome);
}
