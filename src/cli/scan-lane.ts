import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ImageReport } from '../engine/model.ts';
import { packageRoot } from './package-root.ts';
import type { ScanRequest } from './scan-named.ts';
import type { Unscanned } from './targets.ts';

/** A thread that scans one image after the other. */
export interface Lane {
  /**
   * As `scanNamed`. A scan never pauses for a timer, so one whose time is up is ended with its thread, and the next
   * one gets a new thread.
   *
   * @param seconds Undefined: for as long as it takes.
   */
  scan(request: ScanRequest, seconds: number | undefined): Promise<ImageReport | Unscanned>;
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (outcome: ImageReport | Unscanned) => void;
  readonly reject: (error: Error) => void;
}

export function openLane(): Lane {
  let worker: Worker | undefined;
  let waiting: Waiting | undefined;
  const settle = (act: (one: Waiting) => void) => {
    const one = waiting;
    waiting = undefined;
    if (one) act(one);
  };
  const start = (): Worker => {
    const thread = new Worker(join(packageRoot(), 'bin', 'scan-worker.js'));
    thread.on('error', (error) => settle(({ reject }) => reject(error)));
    thread.on('message', (outcome: ImageReport | Unscanned | Error) =>
      settle(({ resolve, reject }) => (outcome instanceof Error ? reject(outcome) : resolve(outcome))),
    );
    thread.on('exit', () => settle(({ reject }) => reject(new Error('the scanning thread ended without a result'))));
    return thread;
  };
  const close = async () => {
    const old = worker;
    worker = undefined;
    await old?.terminate();
  };
  return {
    close,
    scan: async (request, seconds) => {
      worker ??= start();
      const outcome = new Promise<ImageReport | Unscanned>((resolve, reject) => {
        waiting = { resolve, reject };
      });
      worker.postMessage(request);
      const expire = () => {
        const message = `${request.target}: the scan did not end within ${seconds} s (--timeout)`;
        settle(({ resolve, reject }) => {
          close().then(() => resolve({ target: request.target, message }), reject);
        });
      };
      const timer = seconds === undefined ? undefined : setTimeout(expire, seconds * 1000);
      try {
        return await outcome;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
