/** Start values of RFC 7693, section 2.6: each word as its low half, then its high half. */
const startState = Uint32Array.of(
  0xf3bcc908,
  0x6a09e667,
  0x84caa73b,
  0xbb67ae85,
  0xfe94f82b,
  0x3c6ef372,
  0x5f1d36f1,
  0xa54ff53a,
  0xade682d1,
  0x510e527f,
  0x2b3e6c1f,
  0x9b05688c,
  0xfb41bd6b,
  0x1f83d9ab,
  0x137e2179,
  0x5be0cd19,
);

/** Order of the message words in each round (section 2.7); rounds 10 and 11 repeat the first two. */
const order = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

const ROUNDS = 12;
const BLOCK = 128;
const DIGEST = 32;

/** BLAKE2b of RFC 7693 without a key, cut to 32 bytes by its own parameter, as btrfs has it. */
export function blake2b256(bytes: Uint8Array): Uint8Array {
  const state = Uint32Array.from(startState);
  state[0] = word(state, 0) ^ 0x01010000 ^ DIGEST;
  const blocks = Math.max(1, Math.ceil(bytes.length / BLOCK));
  for (let index = 0; index < blocks; index++) {
    const block = new Uint8Array(BLOCK);
    const end = Math.min(bytes.length, (index + 1) * BLOCK);
    block.set(bytes.subarray(index * BLOCK, end));
    absorb(state, new DataView(block.buffer), end, index === blocks - 1);
  }
  const digest = new DataView(new ArrayBuffer(DIGEST));
  for (let index = 0; index < DIGEST / 4; index++) digest.setUint32(index * 4, word(state, index), true);
  return new Uint8Array(digest.buffer);
}

function absorb(state: Uint32Array, block: DataView, count: number, isLast: boolean): void {
  const message = new Uint32Array(32);
  for (let index = 0; index < 32; index++) message[index] = block.getUint32(index * 4, true);
  const v = new Uint32Array(32);
  v.set(state);
  v.set(startState, 16);
  v[24] = word(v, 24) ^ count;
  if (isLast) {
    v[28] = ~word(v, 28);
    v[29] = ~word(v, 29);
  }
  for (let round = 0; round < ROUNDS; round++) {
    const sequence = order[round % order.length] ?? [];
    // Four columns of the state as a square, then its four diagonals.
    for (let lane = 0; lane < 8; lane++) {
      const turn = lane >> 2;
      const column = lane & 3;
      mix(
        v,
        column,
        4 + ((column + turn) & 3),
        8 + ((column + 2 * turn) & 3),
        12 + ((column + 3 * turn) & 3),
        message,
        sequence[lane * 2] ?? 0,
        sequence[lane * 2 + 1] ?? 0,
      );
    }
  }
  for (let index = 0; index < 16; index++) state[index] = word(state, index) ^ word(v, index) ^ word(v, index + 16);
}

/** The function G of section 3.1, over 64-bit words that are kept as two halves. */
function mix(v: Uint32Array, a: number, b: number, c: number, d: number, m: Uint32Array, x: number, y: number): void {
  let bLow = word(v, b * 2);
  let bHigh = word(v, b * 2 + 1);
  let dLow = word(v, d * 2);
  let dHigh = word(v, d * 2 + 1);
  let low = word(v, a * 2) + bLow + word(m, x * 2);
  let aHigh = (word(v, a * 2 + 1) + bHigh + word(m, x * 2 + 1) + carry(low)) | 0;
  let aLow = low | 0;
  // Rotations: by 32 the halves change places; by 24, 16 and 63 bits move from each half to the other.
  [dLow, dHigh] = [dHigh ^ aHigh, dLow ^ aLow];
  low = word(v, c * 2) + (dLow >>> 0);
  let cHigh = (word(v, c * 2 + 1) + dHigh + carry(low)) | 0;
  let cLow = low | 0;
  bLow ^= cLow;
  bHigh ^= cHigh;
  [bLow, bHigh] = [(bLow >>> 24) | (bHigh << 8), (bHigh >>> 24) | (bLow << 8)];
  low = (aLow >>> 0) + (bLow >>> 0) + word(m, y * 2);
  aHigh = (aHigh + bHigh + word(m, y * 2 + 1) + carry(low)) | 0;
  aLow = low | 0;
  dLow ^= aLow;
  dHigh ^= aHigh;
  [dLow, dHigh] = [(dLow >>> 16) | (dHigh << 16), (dHigh >>> 16) | (dLow << 16)];
  low = (cLow >>> 0) + (dLow >>> 0);
  cHigh = (cHigh + dHigh + carry(low)) | 0;
  cLow = low | 0;
  bLow ^= cLow;
  bHigh ^= cHigh;
  v[a * 2] = aLow;
  v[a * 2 + 1] = aHigh;
  v[b * 2] = (bLow << 1) | (bHigh >>> 31);
  v[b * 2 + 1] = (bHigh << 1) | (bLow >>> 31);
  v[c * 2] = cLow;
  v[c * 2 + 1] = cHigh;
  v[d * 2] = dLow;
  v[d * 2 + 1] = dHigh;
}

/** What a sum of unsigned halves carries into the next. */
function carry(sum: number): number {
  return Math.floor(sum / 2 ** 32);
}

function word(words: Uint32Array, index: number): number {
  return words[index] ?? 0;
}
