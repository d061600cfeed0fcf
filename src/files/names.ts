const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const surrogateEscape = /[\udc80-\udcff]/;

/** Name of a file as text; bytes that are not UTF-8 become surrogate escapes, as Python's os.fsdecode makes them. */
export function decodeName(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeLossless(bytes);
  }
}

/** Whether a name holds bytes that are not UTF-8. */
export function isEscaped(name: string): boolean {
  return surrogateEscape.test(name);
}

/** The bytes that {@link decodeName} was given. */
export function encodeName(name: string): Uint8Array {
  if (!isEscaped(name)) return encoder.encode(name);
  const bytes: number[] = [];
  for (const character of name) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) bytes.push(code - 0xdc00);
    else bytes.push(...encoder.encode(character));
  }
  return Uint8Array.from(bytes);
}

function decodeLossless(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; ) {
    const length = sequenceLength(bytes, index);
    if (length === 0) {
      text += String.fromCharCode(0xdc00 + (bytes[index] ?? 0));
      index += 1;
    } else {
      text += strict.decode(bytes.subarray(index, index + length));
      index += length;
    }
  }
  return text;
}

/** Bytes of the valid UTF-8 sequence at `index`, 0 when there is none. */
function sequenceLength(bytes: Uint8Array, index: number): number {
  for (const length of [1, 2, 3, 4]) {
    if (index + length > bytes.length) return 0;
    try {
      if ([...strict.decode(bytes.subarray(index, index + length))].length === 1) return length;
    } catch {
      // A longer sequence may still be valid.
    }
  }
  return 0;
}
