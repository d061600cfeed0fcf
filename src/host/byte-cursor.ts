/** Reads pieces of bytes in the portions that a decoder asks for. */
export interface ByteCursor {
  /** Bytes handed out so far. */
  readonly position: () => number;
  /** The next `count` bytes without going past them; fewer at the end. */
  readonly peek: (count: number) => Uint8Array;
  /** Whatever is at hand without going past it, at least one byte and at most `atMost`; empty at the end. */
  readonly peekSome: (atMost: number) => Uint8Array;
  /** The next `count` bytes. Throws when the input ends before. */
  readonly take: (count: number) => Uint8Array;
  /** Whatever is at hand, at least one byte and at most `atMost`; undefined at the end. */
  readonly takeSome: (atMost: number) => Uint8Array | undefined;
}

const nothing = new Uint8Array();

export function byteCursor(input: Iterable<Uint8Array>): ByteCursor {
  const pieces = input[Symbol.iterator]();
  let held: Uint8Array = nothing;
  let position = 0;

  /** Holds at least `count` bytes, unless the input ends before. */
  const fill = (count: number) => {
    while (held.length < count) {
      const next: IteratorResult<Uint8Array, unknown> = pieces.next();
      if (next.done) return;
      held = held.length === 0 ? next.value : join(held, next.value);
    }
  };
  const advance = (count: number) => {
    const bytes = held.subarray(0, count);
    held = held.subarray(count);
    position += bytes.length;
    return bytes;
  };
  return {
    position: () => position,
    peek: (count) => {
      fill(count);
      return held.subarray(0, count);
    },
    peekSome: (atMost) => {
      fill(1);
      return held.subarray(0, atMost);
    },
    take: (count) => {
      fill(count);
      if (held.length < count) throw new Error('the compressed data ends too early');
      return advance(count);
    },
    takeSome: (atMost) => {
      fill(1);
      return held.length === 0 ? undefined : advance(Math.min(atMost, held.length));
    },
  };
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
