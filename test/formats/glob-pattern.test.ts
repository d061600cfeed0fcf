import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { globMatcher } from '../../src/formats/glob-pattern.ts';

test.each([
  ['*.conf', ['a.conf', 'x.y.conf'], ['a.conf~', '.conf', '.a.conf']],
  ['.*', ['.a'], ['a']],
  ['?', ['a', 'é'], ['', 'ab', '.']],
  ['[a-c]x', ['ax', 'cx'], ['dx', 'a-x']],
  ['[!a-c]x', ['dx'], ['ax']],
  ['[^a]', ['b'], ['a']],
  ['[]]', [']'], ['[', '']],
  ['[a', ['[a'], ['a']],
  ['[z-a]', [], ['a', 'z', '-']],
  ['[a-]', ['a', '-'], ['b']],
  ['\\*', ['*'], ['a']],
  ['a+(b).c', ['a+(b).c'], ['aab.c']],
  ['\\.x', ['.x'], ['x']],
])('%s', (pattern, hits, misses) => {
  const matches = globMatcher(pattern);
  expect(hits.filter((name) => !matches(name))).toEqual([]);
  expect(misses.filter((name) => matches(name))).toEqual([]);
});

test('never throws; a name without wildcards matches itself alone', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (pattern, name) => {
      const matched = globMatcher(pattern)(name);
      if (!/[*?[\\]/.test(pattern)) expect(matched).toBe(pattern === name);
    }),
  );
});
