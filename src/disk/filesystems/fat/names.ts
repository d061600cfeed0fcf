/** Upper half of code page 437, which Linux takes 8.3 names for unless a mount option says otherwise. */
const codePage437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐' +
  '└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';
/** First byte that stands for 0xe5, which itself marks a deleted entry. */
const KANJI_E5 = 0x05;
/** Bits of the byte behind the attributes: the part was lower case when it was written (`CASE_LOWER_BASE`, `_EXT`). */
const LOWER_BASE = 0x08;
const LOWER_EXTENSION = 0x10;
const SPACE = 0x20;

/**
 * An 8.3 name as Linux shows it under `shortname=mixed`, the default of vfat; empty when there is none.
 *
 * @param name The 11 bytes of the directory entry.
 */
export function shortName(name: Uint8Array, caseFlags: number): string {
  const bytes = Uint8Array.from(name);
  if (bytes[0] === KANJI_E5) bytes[0] = 0xe5;
  const base = partOf(bytes.subarray(0, 8), (caseFlags & LOWER_BASE) !== 0);
  const extension = partOf(bytes.subarray(8, 11), (caseFlags & LOWER_EXTENSION) !== 0);
  return extension === '' ? base : `${base}.${extension}`;
}

function partOf(bytes: Uint8Array, isLower: boolean): string {
  let end = bytes.indexOf(0);
  if (end === -1) end = bytes.length;
  while (end > 0 && bytes[end - 1] === SPACE) end -= 1;
  const text = Array.from(bytes.subarray(0, end), characterOf).join('');
  return isLower ? Array.from(text, lowered).join('') : text;
}

function characterOf(byte: number): string {
  return byte < 0x80 ? String.fromCharCode(byte) : (codePage437[byte - 0x80] ?? '');
}

/** The lower case that the code page has; other characters stay. */
function lowered(character: string): string {
  const lower = character.toLowerCase();
  return lower.charCodeAt(0) < 0x80 || codePage437.includes(lower) ? lower : character;
}

/** Sum over the 8.3 name that ties the entries of a long name to it (`fat_checksum` of fs/fat/fat.h). */
export function nameChecksum(name: Uint8Array): number {
  let sum = 0;
  for (const byte of name.subarray(0, 11)) sum = (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff;
  return sum;
}

/**
 * A long name from its UTF-16 units up to the first NUL. Half a surrogate pair is left out, as the kernel's
 * utf16s_to_utf8s does: it stands for no character.
 */
export function longName(units: readonly number[]): string {
  const end = units.indexOf(0);
  const text = String.fromCharCode(...(end === -1 ? units : units.slice(0, end)));
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '');
}

/** What names are compared by: the kernel folds the case of ASCII alone in UTF-8 names and ignores dots at the end. */
export function comparedName(name: string): string {
  return name.replace(/\.+$/, '').replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Whether a name could stand in a directory; the kernel's listing fails on one that could not. */
export function isPossibleName(name: string): boolean {
  return name !== '.' && name !== '..' && !name.includes('/');
}
