// Signed: V8 keeps a number beyond 2 ** 31 on the heap while the loop is interpreted.
const tables = new Map<number, Int32Array>();
let highFirst: Uint32Array | undefined;

function tableOf(polynomial: number): Int32Array {
  const known = tables.get(polynomial);
  if (known) return known;
  const table = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    table[byte] = value;
  }
  tables.set(polynomial, table);
  return table;
}

function reflectedCrc(polynomial: number, bytes: Uint8Array, seed: number): number {
  const table = tableOf(polynomial);
  let value = seed;
  for (let index = 0; index < bytes.length; index++)
    value = (table[(value ^ (bytes[index] ?? 0)) & 0xff] ?? 0) ^ (value >>> 8);
  return value >>> 0;
}

/** CRC-32 of IEEE 802.3, as GPT has it. */
export function crc32(bytes: Uint8Array): number {
  return ~reflectedCrc(0xedb88320, bytes, 0xffffffff) >>> 0;
}

/** The same polynomial without the final inversion and with a start value of the caller: LVM begins with 0xf597a6cf. */
export function rawCrc32(bytes: Uint8Array, seed: number): number {
  return reflectedCrc(0xedb88320, bytes, seed);
}

/** CRC-16 of ANSI (0x8005, reflected), to be continued: ext4 without metadata_csum has it on its group descriptors. */
export function rawCrc16(bytes: Uint8Array, seed: number): number {
  return reflectedCrc(0xa001, bytes, seed);
}

/** CRC-32 of IEEE 802.3 with the highest bit first and no inversion, to be continued: the old checksum of JBD2 commits. */
export function rawCrc32HighFirst(bytes: Uint8Array, seed: number): number {
  highFirst ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte << 24;
    for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
    return value;
  });
  let value = seed;
  for (let index = 0; index < bytes.length; index++)
    value = (highFirst[((value >>> 24) ^ (bytes[index] ?? 0)) & 0xff] ?? 0) ^ (value << 8);
  return value >>> 0;
}

/** CRC-32C (Castagnoli, RFC 3720), as VHDX, XFS and btrfs store it. */
export function crc32c(bytes: Uint8Array): number {
  return ~rawCrc32c(bytes, 0xffffffff) >>> 0;
}

/** CRC-32C without the final inversion, to be continued: ext4 chains its parts that way, starting with all ones. */
export function rawCrc32c(bytes: Uint8Array, seed: number): number {
  return reflectedCrc(0x82f63b78, bytes, seed);
}
