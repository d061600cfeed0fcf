import { parentPort } from 'node:worker_threads';
import type { Rule } from '../engine/define.ts';
import type { ImportModule } from './io.ts';
import { type ScanRequest, scanNamed } from './scan-named.ts';

/** Runs in a thread of `openLane`: answers each request with the report, or the error as a value. */
export async function answerScanRequests(importModule: ImportModule): Promise<void> {
  const { default: builtIn } = await import('../../rules/index.ts');
  let rules: Promise<readonly Rule[]> | undefined;
  // All requests of a run name the same plugins.
  const rulesFor = ({ plugins = [] }: ScanRequest) => {
    rules ??= plugins.length === 0 ? Promise.resolve(builtIn) : withPlugins(builtIn, plugins, importModule);
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

async function withPlugins(
  builtIn: readonly Rule[],
  plugins: NonNullable<ScanRequest['plugins']>,
  importModule: ImportModule,
): Promise<readonly Rule[]> {
  const { loadPlugins } = await import('./plugins.ts');
  return [...builtIn, ...(await loadPlugins(plugins, builtIn, importModule))];
}
