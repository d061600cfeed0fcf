import { ELF_HEADER_LENGTH, parseElfHeader } from './elf.ts';

/** Bytes of a file from an offset; fewer than asked for where the file ends. */
export type ReadBytes = (offset: number, length: number) => Uint8Array;

const PT_INTERP = 3;
const FULL_HEADER = 64;
/** Program headers of an ordinary program number about a dozen. */
const MOST_HEADERS = 256;
const LONGEST_PATH = 4096;

/**
 * The dynamic loader that an ELF file asks the kernel for (`PT_INTERP`, elf.h); undefined for a static program and for
 * bytes that are none or are cut short.
 */
export function readElfInterpreter(read: ReadBytes): string | undefined {
  const header = read(0, FULL_HEADER);
  const kind = parseElfHeader(header.subarray(0, ELF_HEADER_LENGTH));
  if (!kind || header.length < FULL_HEADER) return undefined;
  const isLittle = header[5] === 1;
  const is64 = kind.bits === 64;
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const table = is64 ? Number(view.getBigUint64(32, isLittle)) : view.getUint32(28, isLittle);
  const entrySize = view.getUint16(is64 ? 54 : 42, isLittle);
  const count = Math.min(view.getUint16(is64 ? 56 : 44, isLittle), MOST_HEADERS);
  if (!Number.isSafeInteger(table) || entrySize < (is64 ? 56 : 32)) return undefined;
  const entries = read(table, entrySize * count);
  for (let at = 0; at + entrySize <= entries.length; at += entrySize) {
    const entry = new DataView(entries.buffer, entries.byteOffset + at, entrySize);
    if (entry.getUint32(0, isLittle) !== PT_INTERP) continue;
    const offset = is64 ? Number(entry.getBigUint64(8, isLittle)) : entry.getUint32(4, isLittle);
    const size = is64 ? Number(entry.getBigUint64(32, isLittle)) : entry.getUint32(16, isLittle);
    if (!Number.isSafeInteger(offset) || size > LONGEST_PATH) return undefined;
    return new TextDecoder().decode(read(offset, size)).split('\0', 1)[0];
  }
  return undefined;
}
