import { UsageError } from '../config/usage-error.ts';
import type { OpenOptions } from '../host/open.ts';
import type { RootFs } from '../image/root-fs.ts';
import type { Flags } from './flags.ts';
import type { CliIo } from './io.ts';
import { withProgress } from './progress.ts';
import { switchFlag, textFlag } from './read-flags.ts';
import { isUnscanned, named, openNamed } from './targets.ts';

/** Files to show, with no cap on how much is read of them: the user asked for just these. */
export async function openFiles(
  target: string,
  flags: Flags,
  io: CliIo,
): Promise<{ readonly rootFs: RootFs; readonly close: () => void }> {
  const options = { ...diskOptions(flags), caps: { bytesPerImage: Number.POSITIVE_INFINITY } };
  const volume = textFlag(flags, 'volume');
  if (volume !== undefined && options.rootVolume !== undefined)
    throw new UsageError('--volume and --root-partition exclude each other');
  const opened = await withProgress(io, target, async () =>
    volume === undefined
      ? openNamed(target, io.cwd, options)
      : named(target, io.cwd, async (path) =>
          (await import('../host/open-volume.ts')).openVolume(path, volume, options),
        ),
  );
  if (isUnscanned(opened)) throw new UsageError(opened.message);
  return { rootFs: opened.rootFs, close: () => opened.close?.() };
}

/** The flags that say how to read a disk. */
export function diskOptions(flags: Flags): OpenOptions {
  const rootVolume = textFlag(flags, 'root-partition');
  return {
    ...(rootVolume !== undefined && { rootVolume }),
    allowDirty: switchFlag(flags, 'allow-dirty') ?? false,
  };
}

/** Bytes of a file in pieces, so that one of any size can be shown; throws `CouldNotRead`. */
export function* piecesOf(rootFs: RootFs, path: string): Generator<Uint8Array> {
  for (let offset = 0; ; ) {
    const piece = rootFs.readBytes(path, offset, PIECE) ?? new Uint8Array();
    if (piece.length > 0) yield piece;
    offset += piece.length;
    if (piece.length < PIECE) return;
  }
}

/** Bytes. */
const PIECE = 1024 * 1024;

/** As a process of the image would find it from the root directory. */
export function absolute(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}
