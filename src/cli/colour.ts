import type { CliIo, Sink } from './io.ts';

/** Whether to colour a stream: flag, FORCE_COLOR, NO_COLOR, TERM=dumb, and last whether it is a terminal. */
export function wantsColour(noColour: boolean, env: CliIo['env'], stream: Sink): boolean {
  if (noColour) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return !['0', 'false'].includes(forced);
  if (env['NO_COLOR']) return false;
  if (env['TERM'] === 'dumb') return false;
  return stream.isTTY;
}
