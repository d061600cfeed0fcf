import { sequence } from '../disk/memory-disk.ts';
import type { Golden } from './images.ts';
import { type Change, differences, type Patch, patched } from './patch.ts';
import type { Place } from './places.ts';
import { closeSeals } from './seals.ts';

type Random = (bound: number) => number;

/** What is done to an image before its checksums are made right, or are not. */
export interface Mutation {
  readonly changes: readonly Change[];
  readonly length?: number;
  readonly isSealed: boolean;
}

/** The same for the same numbers, whatever else was tried before. */
export function mutationOf(golden: Golden, seed: number, round: number): Mutation {
  const random = sequence(mixed(seed, round, golden.name));
  for (let warm = 0; warm < 8; warm++) random(2);
  const isSealed = golden.seals.length > 0 && random(3) > 0;
  if (random(40) === 0) return { changes: [], length: lengthOf(golden, random), isSealed: false };
  const count = random(4) > 0 ? 1 : 1 + random(random(4) === 0 ? 24 : 4);
  const changes = Array.from({ length: count }, () => kinds[random(kinds.length)]?.(golden, random) ?? []).flat();
  return { changes, isSealed };
}

/** The bytes that differ in the end, checksums and all. */
export function patchOf({ bytes, seals }: Golden, { changes, length, isSealed }: Mutation): Patch {
  if (!isSealed) return { changes, ...(length !== undefined && { length }) };
  const image = patched(bytes, { changes });
  closeSeals(
    image,
    seals,
    changes.map(({ offset, bytes: { length: size } }) => ({ offset, size })),
  );
  return { changes: differences(bytes, image), ...(length !== undefined && { length }) };
}

/** FNV-1a over the numbers and the name. */
function mixed(seed: number, round: number, name: string): number {
  let hash = 0x811c9dc5;
  for (const value of [...new Uint32Array([seed, round]), ...Buffer.from(name)])
    hash = Math.imul(hash ^ value, 0x01000193) >>> 0;
  return hash;
}

function lengthOf({ bytes, metadata }: Golden, random: Random): number {
  const place = metadata[random(metadata.length)];
  const byPlace = place ? place.offset + random(place.size + 1) : 0;
  return [random(bytes.length), byPlace, Math.floor(random(bytes.length) / 512) * 512][random(3)] ?? 0;
}

const kinds: readonly ((golden: Golden, random: Random) => Change[])[] = [
  flipBit,
  setByte,
  setField,
  setField,
  setField,
  copyField,
  setRun,
  swapBlocks,
];

/** A byte that counts, as most of a block is often zero. */
function offsetIn({ bytes, metadata, content }: Golden, random: Random): number {
  const places = content.length > 0 && random(25) === 0 ? content : metadata;
  const { offset, size } = places[random(places.length)] ?? { offset: 0, size: bytes.length };
  const near = random(3) === 0 ? Math.min(size, 64) : size;
  for (let attempt = 0; attempt < 16; attempt++) {
    const at = offset + random(near);
    if (bytes[at] !== 0) return at;
  }
  return offset + random(size);
}

function flipBit(golden: Golden, random: Random): Change[] {
  const offset = offsetIn(golden, random);
  return [{ offset, bytes: Uint8Array.of((golden.bytes[offset] ?? 0) ^ (1 << random(8))) }];
}

function setByte(golden: Golden, random: Random): Change[] {
  const offset = offsetIn(golden, random);
  return [{ offset, bytes: Uint8Array.of([0, 255, random(256), (golden.bytes[offset] ?? 0) + 1][random(4)] ?? 0) }];
}

/** Numbers that catch sums, shifts, signs and loops. */
function setField(golden: Golden, random: Random): Change[] {
  const { offset, size } = fieldIn(golden, random);
  const bits = 8n * BigInt(size);
  const isLittle = random(4) > 0;
  const old = numberAt(golden.bytes, offset, size, isLittle);
  const values = [
    0n,
    1n,
    2n,
    old + 1n,
    old - 1n,
    old * 2n,
    old << 8n,
    -1n,
    -2n,
    1n << (bits - 1n),
    (1n << (bits - 1n)) - 1n,
  ];
  const more = [
    1n << 53n,
    1n << 32n,
    1n << 31n,
    BigInt(random(1 << 16)),
    BigInt(golden.bytes.length),
    old ^ (1n << BigInt(random(8 * size))),
  ];
  const value = [...values, ...more][random(values.length + more.length)] ?? 0n;
  return [{ offset, bytes: bytesOf(BigInt.asUintN(Number(bits), value), size, isLittle) }];
}

/** The value of another field, which leads to loops and to two owners of one block. */
function copyField(golden: Golden, random: Random): Change[] {
  const { offset, size } = fieldIn(golden, random);
  const from = Math.min(offsetIn(golden, random), golden.bytes.length - size);
  const aligned = from - (from % size) + (offset % size);
  return [{ offset, bytes: golden.bytes.slice(aligned, aligned + size) }];
}

function setRun(golden: Golden, random: Random): Change[] {
  const offset = offsetIn(golden, random);
  const size = Math.min(4 + random([16, 64, 600][random(3)] ?? 16), golden.bytes.length - offset);
  const value = [0, 255, random(256)][random(3)] ?? 0;
  return [{ offset, bytes: new Uint8Array(size).fill(value) }];
}

function swapBlocks(golden: Golden, random: Random): Change[] {
  const size = [32, 512, 1024, 4096, 16_384][random(5)] ?? 512;
  const [first = 0, second = 0] = [0, 1].map(() => {
    const offset = offsetIn(golden, random);
    return Math.max(0, Math.min(offset - (offset % size), golden.bytes.length - size));
  });
  const blockAt = (offset: number): Uint8Array => golden.bytes.slice(offset, offset + size);
  return [
    { offset: first, bytes: blockAt(second) },
    { offset: second, bytes: blockAt(first) },
  ].filter(({ bytes }) => bytes.length > 0);
}

function fieldIn(golden: Golden, random: Random): Place {
  const size = [2, 4, 4, 8][random(4)] ?? 4;
  const offset = offsetIn(golden, random);
  return { offset: Math.max(0, Math.min(offset - (offset % size), golden.bytes.length - size)), size };
}

function numberAt(bytes: Uint8Array, offset: number, size: number, isLittle: boolean): bigint {
  const field = bytes.slice(offset, offset + size);
  if (isLittle) field.reverse();
  return field.reduce((value, byte) => value * 256n + BigInt(byte), 0n);
}

function bytesOf(value: bigint, size: number, isLittle: boolean): Uint8Array {
  const field = Uint8Array.from({ length: size }, (_, index) =>
    Number((value >> BigInt(8 * (size - 1 - index))) & 255n),
  );
  return isLittle ? field.reverse() : field;
}
