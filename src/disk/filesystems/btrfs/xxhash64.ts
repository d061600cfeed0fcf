import { viewOf } from '../../bytes.ts';

const PRIME1 = 0x9e3779b185ebca87n;
const PRIME2 = 0xc2b2ae3d27d4eb4fn;
const PRIME3 = 0x165667b19e3779f9n;
const PRIME4 = 0x85ebca77c2b2ae63n;
const PRIME5 = 0x27d4eb2f165667c5n;

/** XXH64 with seed 0, by the XXHash format description of xxHash's own documentation. */
export function xxhash64(bytes: Uint8Array): bigint {
  const view = viewOf(bytes);
  let offset = 0;
  let hash = PRIME5;
  if (bytes.length >= 32) {
    let a = wrap(PRIME1 + PRIME2);
    let b = PRIME2;
    let c = 0n;
    let d = wrap(-PRIME1);
    for (; offset + 32 <= bytes.length; offset += 32) {
      a = round(a, view.getBigUint64(offset, true));
      b = round(b, view.getBigUint64(offset + 8, true));
      c = round(c, view.getBigUint64(offset + 16, true));
      d = round(d, view.getBigUint64(offset + 24, true));
    }
    hash = wrap(rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n));
    for (const lane of [a, b, c, d]) hash = wrap((hash ^ round(0n, lane)) * PRIME1 + PRIME4);
  }
  hash = wrap(hash + BigInt(bytes.length));
  for (; offset + 8 <= bytes.length; offset += 8)
    hash = wrap(rotate(hash ^ round(0n, view.getBigUint64(offset, true)), 27n) * PRIME1 + PRIME4);
  for (; offset + 4 <= bytes.length; offset += 4)
    hash = wrap(rotate(hash ^ wrap(BigInt(view.getUint32(offset, true)) * PRIME1), 23n) * PRIME2 + PRIME3);
  for (; offset < bytes.length; offset++)
    hash = wrap(rotate(hash ^ wrap(BigInt(view.getUint8(offset)) * PRIME5), 11n) * PRIME1);
  hash = wrap((hash ^ (hash >> 33n)) * PRIME2);
  hash = wrap((hash ^ (hash >> 29n)) * PRIME3);
  return hash ^ (hash >> 32n);
}

function round(accumulator: bigint, lane: bigint): bigint {
  return wrap(rotate(wrap(accumulator + wrap(lane * PRIME2)), 31n) * PRIME1);
}

function rotate(value: bigint, bits: bigint): bigint {
  return wrap(value << bits) | (value >> (64n - bits));
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
