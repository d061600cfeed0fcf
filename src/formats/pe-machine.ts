/** `IMAGE_FILE_MACHINE_*` of a PE file: 0x8664 x86-64, 0xAA64 AArch64; undefined for bytes that are none. PE format, section 3. */
export function parsePeMachine(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 64 || view.getUint16(0, true) !== 0x5a4d) return undefined;
  const header = view.getUint32(0x3c, true);
  if (header + 6 > bytes.length || view.getUint32(header, true) !== 0x4550) return undefined;
  return view.getUint16(header + 4, true);
}
