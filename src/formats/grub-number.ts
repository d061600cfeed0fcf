/** Hexadecimal, octal or decimal, told apart by what the digits begin with. */
const NUMBER = /^[ \t\n\v\f\r]*(-?)(?:0x([\da-fA-F]+)|0([0-7]+)|(\d+))/;

/** A number as GRUB reads it (`grub_strtol` with base 0): what follows the digits is left out, no digits count as 0. */
export function grubNumber(text: string): number {
  const [, sign, hexadecimal, octal, decimal = '0'] = NUMBER.exec(text) ?? [];
  const size =
    hexadecimal !== undefined
      ? Number.parseInt(hexadecimal, 16)
      : Number.parseInt(octal ?? decimal, octal === undefined ? 10 : 8);
  return sign === '-' ? -size : size;
}
