/** Text up to the first NUL. */
export function textUtf16(bytes: Uint8Array, order: 'little-endian' | 'big-endian'): string {
  const isSwapped = order === 'big-endian';
  const text = new TextDecoder('utf-16le').decode(isSwapped ? bytes.map((_, index) => bytes[index ^ 1] ?? 0) : bytes);
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
