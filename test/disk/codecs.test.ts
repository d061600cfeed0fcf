import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, deflateSync } from 'node:zlib';
import { describe, expect, it, test } from '@jest/globals';
import type { Codecs } from '../../src/disk/codecs.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { expectSame } from './container-content.ts';
import { noise } from './hurtful-tree.ts';
import { sequence } from './memory-disk.ts';
import { describeWith, run, workFolder } from './tools.ts';

const content = Buffer.concat([noise(20_000, 1), Buffer.alloc(40_000, 0x61), noise(5536, 2)]);

const deflating: readonly (readonly [keyof Codecs, Buffer])[] = [
  ['zlib', deflateSync(content)],
  ['deflate', deflateRawSync(content)],
  ['deflate', deflateRawSync(content, { windowBits: 12 })],
];

describe('a stream of deflate', () => {
  it.each(deflating)('is expanded, whatever follows its end: %s', (name, stream) => {
    for (const after of [Buffer.alloc(0), Buffer.alloc(1), Buffer.alloc(4096), noise(700, 3), stream])
      expectSame(nodeCodecs[name](Buffer.concat([stream, after]), content.length), content);
  });

  it.each(deflating)('may fill the cap and not go beyond it: %s', (name, stream) => {
    expect(() => nodeCodecs[name](stream, content.length - 1)).toThrow();
    expect(nodeCodecs[name](stream, content.length + 1)).toHaveLength(content.length);
  });

  it.each(deflating)('that is cut or damaged is refused: %s', (name, stream) => {
    for (const length of [0, 1, 2, 100, stream.length - 8])
      expect(() => nodeCodecs[name](stream.subarray(0, length), content.length)).toThrow();
    expect(() => nodeCodecs[name](noise(5000, 4), content.length)).toThrow();
  });
});

describeWith([{ program: 'zstd', package: 'zstd' }], 'a frame that zstd writes', () => {
  const folder = workFolder();
  const compress = (bytes: Buffer, ...options: readonly string[]): Buffer => {
    writeFileSync(join(folder, 'in'), bytes);
    run('zstd', '-q', '-f', ...options, join(folder, 'in'), '-o', join(folder, 'out'));
    return readFileSync(join(folder, 'out'));
  };

  test.each([
    ['-1'],
    ['-19'],
    ['--ultra', '-22'],
    ['--no-check'],
    ['--no-content-size'],
    ['--format=zstd', '--fast=5'],
  ])('is expanded, whatever follows its end: %s %s', (...options) => {
    const frame = compress(content, ...options.filter((option) => typeof option === 'string'));
    for (const after of [Buffer.alloc(0), Buffer.alloc(511), noise(700, 3), frame])
      expectSame(nodeCodecs.zstd(Buffer.concat([frame, after]), content.length), content);
    expect(() => nodeCodecs.zstd(frame, content.length - 1)).toThrow();
    expect(() => nodeCodecs.zstd(frame.subarray(0, -6), content.length)).toThrow();
  });

  it('that changed is expanded or refused within the cap, and soon', () => {
    const frame = compress(content, '-19');
    let refused = 0;
    let slowest = 0;
    for (let seed = 1; seed <= 1500; seed++) {
      const random = sequence(seed * 104_729);
      const mutant = Buffer.from(frame);
      for (let count = 1 + random(5); count > 0; count--)
        mutant[random(3) ? random(mutant.length) : random(16)] = random(256);
      const before = performance.now();
      let size = 0;
      try {
        size = nodeCodecs.zstd(mutant, 131_072).length;
      } catch {
        refused += 1;
      }
      expect(size).toBeLessThanOrEqual(131_072);
      slowest = Math.max(slowest, performance.now() - before);
    }
    expect(refused).toBeGreaterThan(100);
    expect(slowest).toBeLessThan(1000);
  });

  it('of much more than the cap is refused before it is expanded', () => {
    const frame = compress(Buffer.alloc(200 * 1024 * 1024));
    const before = performance.now();
    expect(() => nodeCodecs.zstd(frame, 131_072)).toThrow();
    expect(performance.now() - before).toBeLessThan(1000);
  });
});
