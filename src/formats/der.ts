/** One element of DER, the encoding of certificates and signatures (ITU-T X.690). */
export interface DerElement {
  /** Identifier octet: 0x30 SEQUENCE, 0x31 SET, 0xa0 the context's [0]. */
  readonly tag: number;
  /** Of the contents. */
  readonly bytes: Uint8Array;
  /** With identifier and length. */
  readonly whole: Uint8Array;
}

/** Elements one after another; ends at the first that is malformed, or of a form that DER does not have. */
export function derElements(bytes: Uint8Array): readonly DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1] ?? 0;
    const lengthBytes = first < 0x80 ? 0 : first - 0x80;
    const start = at + 2 + lengthBytes;
    // Beyond four octets of length, or without a length at all, nothing real is left to read.
    if ((tag & 0x1f) === 0x1f || first === 0x80 || lengthBytes > 4 || start > bytes.length) break;
    let length = first;
    if (lengthBytes > 0) length = bytes.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
    if (start + length > bytes.length) break;
    elements.push({ tag, bytes: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) });
    at = start + length;
  }
  return elements;
}
