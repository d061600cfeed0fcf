import { spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Compression } from '../../src/engine/host.ts';
import { decompress } from '../../src/host/decompress.ts';

/** Pieces of any size: a decoder must not care where one ends. */
function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function run(
  compression: Compression,
  bytes: Uint8Array,
  { size = 1000, enough = Number.POSITIVE_INFINITY } = {},
) {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const taken = await decompress(compression, cut(bytes, size), (piece) => {
    pieces.push(piece);
    length += piece.length;
    return length < enough;
  });
  return { taken, result: Buffer.concat(pieces) };
}

const content = Buffer.from(
  Array.from({ length: 15_000 }, (_, index) => `line ${index * 7919} of ${index % 13}\n`).join(''),
);
const commands: Readonly<Record<Compression, readonly string[]>> = {
  gzip: ['gzip', '-9', '-c', '-N'],
  bzip2: ['bzip2', '-c'],
  xz: ['xz', '--check=crc32', '-c'],
  lz4: ['lz4', '-l', '-c'],
  zstd: ['zstd', '-c', '-q', '--no-check'],
};

function compressed(compression: Compression): Uint8Array | undefined {
  const [program = '', ...args] = commands[compression];
  const { stdout, error } = spawnSync(program, args, { input: content, maxBuffer: 1 << 26 });
  return error ? undefined : stdout;
}

describe.each(Object.keys(commands) as Compression[])('%s', (compression) => {
  const bytes = compressed(compression);
  if (bytes === undefined) {
    test.skip(`${compression} is not on this machine`, () => undefined);
    return;
  }
  const followers: Readonly<Record<string, Uint8Array>> = {
    nothing: new Uint8Array(),
    zeros: new Uint8Array(700),
    'another archive': Buffer.from(`070701${'0'.repeat(300)}`),
  };

  test.each(Object.entries(followers))('gives the content back and stops before %s', async (_name, follower) => {
    for (const size of [333, 65_536, 10_000_000]) {
      const { result, taken } = await run(compression, Buffer.concat([bytes, follower]), { size });
      expect(result.equals(content)).toBe(true);
      expect(taken).toBe(bytes.length);
    }
  });

  test('takes data that ends too early for damaged', async () => {
    await expect(run(compression, bytes.subarray(0, bytes.length >> 1))).rejects.toThrow(/./);
    await expect(run(compression, bytes.subarray(0, 20))).rejects.toThrow(/./);
  });

  test('stops as soon as the receiver has enough', async () => {
    const { result } = await run(compression, bytes, { enough: 1 });
    expect(result.length).toBeGreaterThan(0);
    expect(content.subarray(0, result.length).equals(result)).toBe(true);
  });
});

test('a row of gzip members is one stream', async () => {
  const bytes = Buffer.concat([gzipSync('one '), gzipSync('two'), Buffer.from([0x1f, 0, 0])]);
  expect(await run('gzip', bytes)).toEqual({ result: Buffer.from('one two'), taken: bytes.length - 3 });
});

test('a wrong checksum is damage', async () => {
  const bytes = gzipSync('content');
  bytes[bytes.length - 8] = (bytes[bytes.length - 8] ?? 0) ^ 1;
  await expect(run('gzip', bytes)).rejects.toThrow('the gzip data is damaged');
});

test('a row of zstd frames with a skippable one between them is one stream', async () => {
  const frame = (text: string) =>
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, text.length, (text.length << 3) | 1, 0, 0, ...Buffer.from(text)]);
  const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9]);
  const bytes = Buffer.concat([frame('one '), skippable, frame('two'), Buffer.from([0])]);
  expect(await run('zstd', bytes, { size: 1 })).toEqual({ result: Buffer.from('one two'), taken: bytes.length - 1 });
});

test('a zstd window of gigabytes is refused before anything is allocated', async () => {
  const windowed = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 1, 0, 0]);
  const single = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0xff, 0xff, 0xff, 0x7f, 1, 0, 0]);
  for (const bytes of [windowed, single]) await expect(run('zstd', bytes)).rejects.toThrow('too large a window');
});
