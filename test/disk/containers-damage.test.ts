import { describe, expect, jest, test } from '@jest/globals';
import { DiskError } from '../../src/disk/disk-error.ts';
import { golden, goldenNames, openBytes } from './container-content.ts';
import { noise } from './hurtful-tree.ts';
import { sequence } from './memory-disk.ts';
import { logOf, withLog } from './vhdx-log-writer.ts';

jest.setTimeout(120_000);

const KIB = 1024;
const MiB = 1024 * KIB;

interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
  /** Parts of the file that hold structures: [start, length]. */
  readonly structures: readonly (readonly [number, number])[];
}

const dirty = withLog(golden('dynamic.vhdx'), [
  {
    sequence: 3,
    at: 0,
    writes: [
      { offset: 5 * MiB, bytes: noise(3 * 4096, 1) },
      { offset: 5 * MiB, zeroes: 4096 },
    ],
  },
  { sequence: 4, at: 5 * 4096, tail: 0, writes: [{ offset: 6 * MiB, bytes: noise(4096, 2) }] },
]);

/** The header, the L1 table and the first L2 table. */
function tablesOf(qcow2: Buffer): Sample['structures'] {
  const l1 = Number(qcow2.readBigUInt64BE(40));
  const l2 = Number(qcow2.readBigUInt64BE(l1) & 0x00fffffffffffe00n);
  return [
    [0, 112],
    [l1, 16],
    [l2, 256],
  ];
}

const parts: Readonly<Record<(typeof goldenNames)[number], Sample['structures']>> = {
  'dynamic.vhd': [
    [0, 88],
    [512, 40],
    [1536, 20],
    [golden('dynamic.vhd').length - 512, 88],
  ],
  'dynamic.vhdx': [
    [64 * KIB, 80],
    [128 * KIB, 80],
    [192 * KIB, 96],
    [2 * MiB, 128],
    [3 * MiB, 256],
    [3 * MiB + 64 * KIB, 64],
  ],
  'zlib.qcow2': tablesOf(golden('zlib.qcow2')),
  'zstd.qcow2': tablesOf(golden('zstd.qcow2')),
};

const samples: readonly Sample[] = [
  ...goldenNames.map((name) => ({ name, bytes: golden(name), structures: parts[name] })),
  {
    name: 'a log',
    bytes: dirty,
    structures: [
      [64 * KIB, 80],
      [128 * KIB, 80],
      [logOf(dirty).logOffset, 32 * KIB],
    ],
  },
];

/** Opens it and reads its start, its end and places between. */
function use(bytes: Buffer, random: (bound: number) => number): 'read' | DiskError {
  try {
    const { disk } = openBytes(bytes);
    for (let round = 0; round < 25; round++) {
      const length = Math.min(disk.size, 1 + random(round === 0 ? 2 * MiB : 20_000));
      const last = disk.size - length;
      disk.read(round === 1 ? last : random(Math.max(1, Math.min(last, 2 ** 31))), length);
    }
    return 'read';
  } catch (error) {
    if (error instanceof DiskError) return error;
    throw error;
  }
}

describe('a damaged container', () => {
  test.each(samples)('is read, or refused by a typed error, within bounded time: $name', ({ bytes, structures }) => {
    const mutant = Buffer.from(bytes);
    const outcomes = { read: 0, refused: 0 };
    let slowest = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const random = sequence(seed * 104_729);
      const changed: (readonly [number, number])[] = [];
      for (let count = 1 + random(6); count > 0; count--) {
        const [start, length] = structures[random(structures.length)] ?? [0, 512];
        const at = start + random(length);
        changed.push([at, mutant[at] ?? 0]);
        mutant[at] = random(2) ? random(256) : (mutant[at] ?? 0) ^ (1 << random(8));
      }
      const before = performance.now();
      outcomes[use(mutant, random) === 'read' ? 'read' : 'refused'] += 1;
      slowest = Math.max(slowest, performance.now() - before);
      for (const [at, byte] of changed.reverse()) mutant[at] = byte;
    }
    expect(mutant.equals(bytes)).toBe(true);
    expect(outcomes.read).toBeGreaterThan(10);
    expect(outcomes.refused).toBeGreaterThan(50);
    expect(slowest).toBeLessThan(2000);
  });

  test.each(samples)('that was cut is read, or refused by a typed error: $name', ({ bytes }) => {
    let refused = 0;
    for (let seed = 1; seed <= 150; seed++) {
      const random = sequence(seed * 7907);
      const cut = bytes.subarray(0, random(random(2) ? bytes.length : 4096));
      if (use(cut, random) !== 'read') refused += 1;
    }
    expect(refused).toBeGreaterThan(20);
  });
});
