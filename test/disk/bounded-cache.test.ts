import { describe, expect, it } from '@jest/globals';
import { boundedCache } from '../../src/disk/bounded-cache.ts';

describe('a bounded cache', () => {
  /** The keys that were made, in order, when the given ones are asked for. */
  const made = (keys: readonly number[], capacity: number, weightOf?: (value: { key: number }) => number) => {
    const cache = boundedCache<number, { key: number }>(capacity, weightOf);
    const log: number[] = [];
    for (const key of keys)
      cache.get(key, () => {
        log.push(key);
        return { key };
      });
    return log;
  };

  it('makes each value once while it is held, and forgets the oldest', () => {
    expect(made([1, 2, 1, 2], 2)).toEqual([1, 2]);
    expect(made([1, 2, 3, 1, 3], 2)).toEqual([1, 2, 3, 1]);
  });

  it('holds as much weight as it may, and one value that weighs more alone', () => {
    const weight = ({ key }: { key: number }) => key;
    expect(made([1, 2, 3, 3, 2, 1], 6, weight)).toEqual([1, 2, 3]);
    expect(made([1, 2, 4, 2, 4, 1], 6, weight)).toEqual([1, 2, 4, 1]);
    expect(made([1, 9, 9, 1], 6, weight)).toEqual([1, 9, 1]);
  });
});
