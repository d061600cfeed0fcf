import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ImageReport } from '../engine/model.ts';
import { packageRoot } from './package-root.ts';
import type { ScanRequest } from './scan-named.ts';
import type { Unscanned } from './targets.ts';

/** As `scanNamed`, in a thread of its own that is stopped when the time is up: a scan never pauses for a timer. */
export function scanWithin(seconds: number, request: ScanRequest): Promise<ImageReport | Unscanned> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(join(packageRoot(), 'bin', 'scan-worker.js'), { workerData: request });
    const timer = setTimeout(() => {
      const message = `${request.target}: the scan did not end within ${seconds} s (--timeout)`;
      worker.removeAllListeners();
      worker.terminate().then(() => resolve({ target: request.target, message }), reject);
    }, seconds * 1000);
    worker.once('error', reject);
    worker.once('message', (outcome: ImageReport | Unscanned | Error) => {
      clearTimeout(timer);
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    });
    worker.once('exit', () => {
      clearTimeout(timer);
      reject(new Error('the scanning thread ended without a result'));
    });
  });
}
