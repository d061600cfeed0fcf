import { otherEnvironment } from '../config/settings.ts';
import { isUsageError } from '../config/usage-error.ts';
import { forTerminal } from '../reports/escape.ts';
import { toolName } from '../version.ts';
import { exitCodes } from './exit-code.ts';
import type { CliIo, ImportModule } from './io.ts';

export { processIo } from './io.ts';
export { breadthOfScans } from './scan-named.ts';

/** The work of a scanning thread; its modules are loaded there only. */
export async function answerScanRequests(importModule: ImportModule): Promise<void> {
  (await import('./scan-worker.ts')).answerScanRequests(importModule);
}

/** Runs the command line and gives the exit code; nothing that goes wrong leaves it as an exception. */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  try {
    const { run } = await import('./command-line.ts');
    return await run(argv, io);
  } catch (error) {
    io.stderr.write(complaint(error, io.env[otherEnvironment.debug] === '1'));
    return exitCodes.undecided.code;
  }
}

function complaint(error: unknown, debug: boolean): string {
  if (isUsageError(error)) return `${toolName}: ${forTerminal(error.message)}\n`;
  const message = error instanceof Error ? error.message : String(error);
  const hint = `run again with ${otherEnvironment.debug}=1 and report this with the output and the command line`;
  const stack = debug && error instanceof Error && error.stack ? `${error.stack}\n` : '';
  return `${toolName}: internal error: ${forTerminal(message)} (this is a defect of the program, not of your image; ${hint})\n${stack}`;
}
