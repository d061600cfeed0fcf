import { UsageError } from '../../config/usage-error.ts';
import { isCouldNotRead } from '../../image/could-not-read.ts';
import { forTerminalLines } from '../../reports/escape.ts';
import { exitCodes } from '../exit-code.ts';
import type { Flags } from '../flags.ts';
import type { CliIo } from '../io.ts';
import { absolute, openFiles, piecesOf } from '../open-files.ts';
import { switchFlag } from '../read-flags.ts';

/** Writes a file of the image: byte for byte, but to a terminal only what cannot steer it. */
export async function cat(target: string, flags: Flags, io: CliIo): Promise<number> {
  const path = absolute(String(flags['path']));
  const { rootFs, close } = await openFiles(target, flags, io);
  const isRaw = !io.stdout.isTTY || switchFlag(flags, 'raw') === true;
  try {
    if (!rootFs.stat(path)) throw new UsageError(`${target}: has no file ${path}`);
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    for (const piece of piecesOf(rootFs, path)) {
      io.stdout.write(isRaw ? piece : forTerminalLines(decoder.decode(piece, { stream: true })));
      if ((await io.stdout.drained?.()) === false) break;
    }
    if (!isRaw) io.stdout.write(forTerminalLines(decoder.decode()));
    return exitCodes.pass.code;
  } catch (error) {
    if (isCouldNotRead(error)) throw new UsageError(`${target}: ${error.message}`);
    throw error;
  } finally {
    close();
  }
}
