import type { Compression, Host } from '../../engine/host.ts';
import type { CpioArchives, CpioRequest } from '../../formats/cpio.ts';
import type { CouldNotRead } from '../../image/could-not-read.ts';
import { limits } from '../../image/limits.ts';

interface Result {
  readonly archives: CpioArchives;
  /** Bytes of the input that the compressed segment takes up. */
  readonly taken: number;
  /** Bytes that came out of it. */
  readonly expanded: number;
}

/** Reads archives out of compressed data as it comes, without ever holding all of it. */
export async function compressedArchive(
  host: Host,
  compression: Compression,
  input: Iterable<Uint8Array>,
  archive: Generator<CpioRequest, CpioArchives, Uint8Array>,
  { budget, fail }: { readonly budget: number; readonly fail: (reason: string) => CouldNotRead },
): Promise<Result> {
  let held: Uint8Array = new Uint8Array();
  let expanded = 0;
  let step = archive.next(held);
  let pendingSkip = step.done ? 0 : step.value.skip;

  /** Serves as many requests as the bytes at hand allow; at the end also those that they do not. */
  const serve = (isEnd: boolean) => {
    while (!step.done) {
      const skipped = Math.min(pendingSkip, held.length);
      held = held.subarray(skipped);
      pendingSkip -= skipped;
      if ((pendingSkip > 0 || held.length < step.value.peek) && !isEnd) return;
      step = archive.next(held.subarray(0, step.value.peek));
      pendingSkip = step.done ? 0 : step.value.skip;
    }
  };
  const taken = await host
    .decompress(compression, input, (piece) => {
      expanded += piece.length;
      if (pendingSkip >= piece.length && held.length === 0) pendingSkip -= piece.length;
      else held = joined(held, piece);
      serve(false);
      return expanded <= budget && !(step.done && step.value.problem !== undefined);
    })
    .catch((error: unknown) => {
      throw fail(`cannot be unpacked: ${messageOf(error)}`);
    });
  if (expanded > budget)
    throw fail(`unpacks to more than it may (limit bytesPerInitramfs, ${limits.bytesPerInitramfs})`);
  serve(true);
  if (!step.done) throw fail('cannot be unpacked: it ends in the middle of a member');
  // Where it stopped at a problem there is always more.
  if (step.value.problem === undefined && step.value.rest.length > 0)
    throw fail('cannot be unpacked: there is more in it than archives');
  return { archives: step.value, taken, expanded };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
