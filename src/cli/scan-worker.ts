import { parentPort, workerData } from 'node:worker_threads';
import { type ScanRequest, scanNamed } from './scan-named.ts';

// The main thread stops this one when its time is up, whatever it is doing.
const outcome = await scanNamed(
  // `scanWithin` is the only one to start this module.
  workerData as ScanRequest,
  (await import('../../rules/index.ts')).default,
).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
parentPort?.postMessage(outcome);
