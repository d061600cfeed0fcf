/** A section of a PE file; offsets and sizes in bytes of the file. */
export interface PeSection {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

/** Bytes from the start of a PE file within which its section table lies, in what ukify and objcopy write. */
export const PE_HEADERS_LENGTH = 8192;

const SECTION = 40;

/** The section table of a PE file, such as a unified kernel image; undefined for bytes that are none. PE format, section 4. */
export function parsePeSections(bytes: Uint8Array): readonly PeSection[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 64 || view.getUint16(0, true) !== 0x5a4d) return undefined;
  const header = view.getUint32(0x3c, true);
  if (header + 24 > bytes.length || view.getUint32(header, true) !== 0x4550) return undefined;
  const count = view.getUint16(header + 6, true);
  const table = header + 24 + view.getUint16(header + 20, true);
  const sections: PeSection[] = [];
  for (let at = table; sections.length < count && at + SECTION <= bytes.length; at += SECTION) {
    const name = new TextDecoder('latin1').decode(bytes.subarray(at, at + 8)).split('\0', 1)[0] ?? '';
    const [virtualSize, rawSize] = [view.getUint32(at + 8, true), view.getUint32(at + 16, true)];
    // The raw size is rounded up to the alignment; the virtual one is the content's own.
    sections.push({ name, offset: view.getUint32(at + 20, true), size: Math.min(virtualSize, rawSize) });
  }
  return sections;
}
