/** What the first 20 bytes of an ELF file say about its machine. */
export interface ElfHeader {
  /** Width of addresses in bits. */
  readonly bits: 32 | 64;
  /** `EM_*` number of elf.h: 3 i386, 62 x86-64, 183 AArch64. */
  readonly machine: number;
}

/** Length of the part of an ELF file that {@link parseElfHeader} needs, in bytes. */
export const ELF_HEADER_LENGTH = 20;

/** Undefined for bytes that are no ELF file; layout from elf.h (`e_ident`, `e_machine`). */
export function parseElfHeader(bytes: Uint8Array): ElfHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < ELF_HEADER_LENGTH || view.getUint32(0) !== 0x7f454c46) return undefined;
  const fileClass = view.getUint8(4);
  const encoding = view.getUint8(5);
  if ((fileClass !== 1 && fileClass !== 2) || (encoding !== 1 && encoding !== 2)) return undefined;
  return { bits: fileClass === 1 ? 32 : 64, machine: view.getUint16(18, encoding === 1) };
}
