import { describe, expect, test } from '@jest/globals';
import { decompressLzo, LzoError } from '../../src/disk/lzo.ts';

const end = [0x11, 0, 0];

function expand(bytes: readonly number[], maxBytes = 131_072): string {
  return Buffer.from(decompressLzo(Uint8Array.from(bytes), maxBytes)).toString('latin1');
}

function ascii(text: string): number[] {
  return [...Buffer.from(text, 'latin1')];
}

describe('an LZO stream', () => {
  test.each([
    ['nothing', [...end], ''],
    ['one literal in the first byte', [18, ...ascii('a'), ...end], 'a'],
    ['three literals in the first byte', [20, ...ascii('abc'), ...end], 'abc'],
    ['four literals in the first byte', [21, ...ascii('abcd'), ...end], 'abcd'],
    ['238 literals in the first byte', [255, ...ascii('z'.repeat(238)), ...end], 'z'.repeat(238)],
    ['a run of literals', [1, ...ascii('abcd'), ...end], 'abcd'],
    ['a run of 18 literals and one byte more', [0, 1, ...ascii('x'.repeat(19)), ...end], 'x'.repeat(19)],
    ['a run of literals with a length over zero bytes', [0, 0, 2, ...ascii('y'.repeat(275)), ...end], 'y'.repeat(275)],
    ['two bytes from nearby after a few literals', [20, ...ascii('abc'), 0b0000_1000, 0, ...end], 'abcab'],
    ['a match of three in the short form', [21, ...ascii('abcd'), 0b0100_1100, 0, ...end], 'abcdabc'],
    ['a match of four in the short form', [21, ...ascii('abcd'), 0b0110_1100, 0, ...end], 'abcdabcd'],
    ['a match of eight that overlaps itself', [21, ...ascii('abcd'), 0b1110_0000, 0, ...end], 'abcddddddddd'],
    ['literals after a match', [21, ...ascii('abcd'), 0b0110_1111, 0, ...ascii('xyz'), ...end], 'abcdabcdxyz'],
    [
      'a match of 33 in the middle form',
      [21, ...ascii('abcd'), 0x3f, 3 << 2, 0, ...end],
      'abcd'.repeat(10).slice(0, 37),
    ],
    [
      'a match of 34 in the middle form',
      [21, ...ascii('abcd'), 0x20, 1, 3 << 2, 0, ...end],
      'abcd'.repeat(10).slice(0, 38),
    ],
    ['a long match in the middle form', [18, ...ascii('a'), 0x20, 0, 0, 1, 0, 0, ...end], 'a'.repeat(1 + 2 + 31 + 511)],
  ])('with %s', (_name, bytes, text) => {
    expect(expand(bytes)).toBe(text);
  });

  test('may reach back three bytes between 2 and 3 KiB after a long run of literals', () => {
    const head = Array.from({ length: 2100 }, (_, index) => index % 251);
    const zeros = Math.floor((2100 - 19) / 255);
    const bytes = [0, ...Array.from({ length: zeros }, () => 0), 2100 - 18 - zeros * 255, ...head, 0, 0, ...end];
    expect([...decompressLzo(Uint8Array.from(bytes), 5000)]).toEqual([...head, ...head.slice(51, 54)]);
  });

  test('may reach back beyond 16 and 32 KiB', () => {
    const lengthBytes = (count: number) => [
      ...Array.from({ length: Math.floor((count - 1) / 255) }, () => 0),
      ((count - 1) % 255) + 1,
    ];
    for (const [distance, code] of [
      [16_385, 0x11],
      [32_768, 0x11],
      [32_769, 0x19],
      [49_151, 0x19],
    ] as const) {
      const head = Array.from({ length: 50_000 }, (_, index) => (index * 7919) % 253);
      const operand = ((distance - 16_384) % 16_384) << 2;
      const isFar = distance - 16_384 >= 16_384;
      const match = [isFar ? code | 8 : code & ~8, operand & 255, operand >> 8];
      const bytes = [0, ...lengthBytes(50_000 - 18), ...head, ...match, ...end];
      expect([...decompressLzo(Uint8Array.from(bytes), 60_000).subarray(50_000)]).toEqual(
        head.slice(50_000 - distance).slice(0, 3),
      );
    }
  });

  test.each([
    ['no bytes at all', [], 'has no end'],
    ['no end', [21, ...ascii('abcd')], 'has no end'],
    ['fewer literals than it announces', [0, 0, 0], 'has no end'],
    ['too few literals', [30, ...ascii('abc')], 'has no end'],
    ['a match before its start', [21, ...ascii('abcd'), 0b0110_1100, 1, ...end], 'before its start'],
    ['a match that nothing stands before', [0x11, 4, 0, ...end], 'before its start'],
  ])('with %s is refused', (_name, bytes, reason) => {
    expect(() => expand(bytes)).toThrow(LzoError);
    expect(() => expand(bytes)).toThrow(reason);
  });

  test('never expands beyond what the caller allows', () => {
    const bomb = [18, 0x61, 0x20, ...Array.from({ length: 5000 }, () => 0), 1, 0, 0, ...end];
    expect(() => expand(bomb, 4096)).toThrow('expands to more than 4096 bytes');
    expect(() => expand([21, ...ascii('abcd'), ...end], 3)).toThrow('expands to more than 3 bytes');
    expect(expand([21, ...ascii('abcd'), ...end], 4)).toBe('abcd');
  });

  test('that is damaged anywhere gives bytes within the cap or an LzoError', () => {
    const text = 'the quick brown fox jumps over the lazy dog. ';
    const bytes = Uint8Array.from([
      17 + text.length,
      ...ascii(text),
      0x20,
      0,
      30,
      (text.length - 1) << 2,
      0,
      0x20,
      9,
      20,
      0,
      ...end,
    ]);
    let refused = 0;
    for (let at = 0; at < bytes.length; at++)
      for (let value = 0; value < 256; value++) {
        const mutant = Uint8Array.from(bytes);
        mutant[at] = value;
        try {
          expect(decompressLzo(mutant, 2000).length).toBeLessThanOrEqual(2000);
        } catch (error) {
          expect(error).toBeInstanceOf(LzoError);
          refused += 1;
        }
      }
    expect(refused).toBeGreaterThan(500);
  });
});
