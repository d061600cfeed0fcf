import { describe, expect, test } from '@jest/globals';
import { nodeCodecs } from '../../src/host/codecs.ts';

/** Magic, descriptor for a window of 1 KiB without sizes or checksum. */
const header = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x00];
/** A block that repeats one byte. */
const repeated = (byte: number, count: number, isLast: boolean) => [
  ((count << 3) | 2 | Number(isLast)) & 255,
  (count >> 5) & 255,
  count >> 13,
  byte,
];

function expand(bytes: readonly number[], maxBytes: number): Uint8Array {
  return nodeCodecs.zstd(Uint8Array.from(bytes), maxBytes);
}

describe('a Zstandard frame', () => {
  const frame = [...header, ...repeated(0x61, 1000, false), ...repeated(0x62, 24, true)];

  test('is expanded, whatever follows its end', () => {
    for (const after of [[], [0], [0, 0, 0, 0], frame, Array.from({ length: 4000 }, () => 0)])
      expect(Buffer.from(expand([...frame, ...after], 5000)).toString()).toBe('a'.repeat(1000) + 'b'.repeat(24));
  });

  test('may fill the cap and not go beyond it', () => {
    expect(expand(frame, 1024)).toHaveLength(1024);
    expect(() => expand(frame, 1023)).toThrow();
  });

  test('that would expand to gigabytes is given up early', () => {
    const bomb = [
      ...header,
      ...Array.from({ length: 20_000 }, () => repeated(0, 1024, false)).flat(),
      ...repeated(0, 1, true),
    ];
    expect(() => expand(bomb, 131_072)).toThrow();
  });

  test.each([4, 5, 6, 7, 8, 9, frame.length - 1])('of only its first %i bytes is cut short', (length) => {
    expect(() => expand(frame.slice(0, length), 5000)).toThrow('the Zstandard frame is cut short');
  });

  test.each([
    ['no bytes', []],
    ['another magic', [1, 2, 3, 4, 5, 6, 7]],
    ['no last block', frame.slice(0, -4)],
    ['a block that is cut short', [...header, 0x01 | (50 << 3), 0, 0, 1, 2, 3]],
    ['a block of the reserved type', [...header, 0x07, 0, 0]],
    ['a window of terabytes', [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, ...repeated(0, 1, true)]],
    ['a content of terabytes', [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0, ...repeated(0, 1, true)]],
  ])('with %s is refused', (_name, bytes) => {
    expect(() => expand(bytes, 131_072)).toThrow();
  });
});
