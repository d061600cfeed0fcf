import { forTerminal } from '../reports/escape.ts';
import { toolName } from '../version.ts';
import type { CliIo } from './io.ts';

/** Milliseconds that nobody wonders about. */
const PATIENCE = 1000;
const ERASE_LINE = '\r\u001b[K';

/** Runs the work, and tells a person at a terminal what is going on while it takes long. */
export async function withProgress<T>(io: CliIo, target: string, work: () => Promise<T>): Promise<T> {
  let isShown = false;
  const timer = setTimeout(() => {
    if (!io.stderr.isTTY) return;
    isShown = true;
    io.stderr.write(`${toolName}: reading ${forTerminal(target)} …`);
  }, PATIENCE);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    if (isShown) io.stderr.write(ERASE_LINE);
  }
}
