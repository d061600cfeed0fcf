/** Why a stream could not be expanded; the caller knows which structure it belongs to and says so. */
export class LzoError extends Error {}

/** How far a short match of three bytes after a long literal run lies behind: beyond what other short matches reach. */
const FAR_SHORT_MATCH = 2048;
const FAR_MATCH = 16384;

/**
 * Expands one LZO1X stream, as the kernel's `lzo` compressor writes it (Documentation/staging/lzo.rst, version 0 of the
 * bitstream).
 *
 * @param maxBytes Most that may come out.
 * @throws {LzoError} for a stream that is cut short, refers to before its start, or expands beyond `maxBytes`
 */
export function decompressLzo(input: Uint8Array, maxBytes: number): Uint8Array {
  const stream = new Stream(input, maxBytes);
  let literals = stream.firstLiterals();
  for (;;) {
    const next = stream.instruction(literals);
    if (next === undefined) return stream.output();
    literals = next;
  }
}

/** Literals that the last instruction copied; this many or more changes what the next instruction means. */
const MANY = 4;

/** Bytes from which on a copy by the engine is worth its call. */
const LARGE = 32;

class Stream {
  readonly #input: Uint8Array;
  readonly #output: Uint8Array;
  #at = 0;
  #filled = 0;

  constructor(input: Uint8Array, maxBytes: number) {
    this.#input = input;
    this.#output = new Uint8Array(maxBytes);
  }

  output(): Uint8Array {
    return this.#output.subarray(0, this.#filled);
  }

  /** The first byte may be a count of literals, as there is nothing yet to copy from. */
  firstLiterals(): number {
    const first = this.#input[0] ?? 0;
    if (first <= 17) return 0;
    this.#at = 1;
    return this.#copyLiterals(first - 17);
  }

  /** Runs one instruction; gives the number of literals that it copied, capped at {@link MANY}, or undefined at the end. */
  instruction(lastLiterals: number): number | undefined {
    const code = this.#byte();
    if (code >= 64) {
      const distance = (this.#byte() << 3) + ((code >> 2) & 7) + 1;
      this.#copyMatch(distance, (code >> 5) + 1);
      return this.#copyLiterals(code & 3);
    }
    if (code >= 32) {
      const length = this.#length(code & 31, 31) + 2;
      const operand = this.#word();
      this.#copyMatch((operand >> 2) + 1, length);
      return this.#copyLiterals(operand & 3);
    }
    if (code >= 16) {
      const length = this.#length(code & 7, 7) + 2;
      const operand = this.#word();
      const distance = FAR_MATCH + ((code & 8) << 11) + (operand >> 2);
      if (distance === FAR_MATCH) return undefined;
      this.#copyMatch(distance, length);
      return this.#copyLiterals(operand & 3);
    }
    if (lastLiterals === 0) return this.#copyLiterals(this.#length(code, 15) + 3);
    const distance = (this.#byte() << 2) + (code >> 2) + 1;
    if (lastLiterals === MANY) this.#copyMatch(distance + FAR_SHORT_MATCH, 3);
    else this.#copyMatch(distance, 2);
    return this.#copyLiterals(code & 3);
  }

  #byte(): number {
    const byte = this.#input[this.#at++];
    if (byte === undefined) throw new LzoError('the LZO stream has no end');
    return byte;
  }

  #word(): number {
    return this.#byte() | (this.#byte() << 8);
  }

  /** A length that did not fit in the instruction goes on in zero bytes of 255 each and one last byte. */
  #length(inInstruction: number, largest: number): number {
    if (inInstruction !== 0) return inInstruction;
    let length = largest;
    for (;;) {
      const byte = this.#byte();
      if (byte !== 0) return length + byte;
      length += 255;
    }
  }

  #copyLiterals(count: number): number {
    if (this.#at + count > this.#input.length) throw new LzoError('the LZO stream has no end');
    this.#expectRoom(count);
    if (count >= LARGE) this.#output.set(this.#input.subarray(this.#at, this.#at + count), this.#filled);
    else
      for (let index = 0; index < count; index++)
        this.#output[this.#filled + index] = this.#input[this.#at + index] ?? 0;
    this.#at += count;
    this.#filled += count;
    return Math.min(count, MANY);
  }

  /** Byte by byte: a match may overlap what it produces. */
  #copyMatch(distance: number, length: number): void {
    if (distance > this.#filled) throw new LzoError('the LZO stream refers to bytes before its start');
    this.#expectRoom(length);
    const end = this.#filled + length;
    for (let to = this.#filled; to < end; to++) this.#output[to] = this.#output[to - distance] ?? 0;
    this.#filled = end;
  }

  #expectRoom(count: number): void {
    if (this.#filled + count > this.#output.length)
      throw new LzoError(`the LZO stream expands to more than ${this.#output.length} bytes`);
  }
}
