import { describe, expect, it, test } from '@jest/globals';
import { parseConfigFile } from '../src/config/config-file.ts';
import { endOfLife } from '../src/data/end-of-life.ts';
import { minimumVersions } from '../src/data/minimum-versions.ts';
import { supportedReleases } from '../src/data/supported-releases.ts';
import { compareDottedVersions } from '../src/formats/dotted-version.ts';

const day = /^\d{4}-\d{2}-\d{2}$/;

describe('dated data', () => {
  test('has real days, and extended support after the standard one', () => {
    for (const [release, { standard, extended }] of Object.entries(endOfLife.releases)) {
      expect(`${release} ${standard}`).toMatch(/^[a-z_-]+-[\d.]+ \d{4}-\d{2}-\d{2}$/);
      for (const one of [standard, extended ?? standard]) expect(new Date(one).toISOString()).toContain(one);
      expect((extended ?? '9') > standard).toBe(true);
    }
  });

  test('names the day and the public page that each list is from', () => {
    const lists = [...Object.values(supportedReleases), ...Object.values(minimumVersions)];
    for (const { asOf, source } of lists) {
      expect(asOf).toMatch(day);
      expect(new URL(source).protocol).toBe('https:');
    }
    expect(endOfLife.asOf).toMatch(day);
  });

  test('has entries in the forms that are understood, first before last', () => {
    for (const { releases } of Object.values(supportedReleases)) {
      for (const entry of Object.values(releases).flat()) {
        expect(entry).toMatch(/^(?:>=\d+(?:\.\d+)*|\d+(?:\.\d+)*\+?|\d+(?:\.\d+)*\.\.\d+(?:\.\d+)*)$/);
        const [first = '', last] = entry.split('..');
        if (last !== undefined) expect(compareDottedVersions(first, last)).toBeLessThan(0);
      }
    }
  });
});

describe('the key data of a configuration file', () => {
  it('gives the end of support of a release', () => {
    const text = 'data:\n  endOfLife:\n    debian-12: 2028-06-30\n    own-1: "2030-01-31"\n';
    expect(parseConfigFile('c.yaml', text).settings).toEqual({
      data: { endOfLife: { 'debian-12': '2028-06-30', 'own-1': '2030-01-31' } },
    });
    expect(parseConfigFile('c.yaml', 'data: {}\n').settings).toEqual({ data: { endOfLife: {} } });
  });

  test.each([
    ['data: 7\n', 'c.yaml:1: data: expected keys with values'],
    ['data:\n  endOfLive: {}\n', 'c.yaml:2: data.endOfLive: unknown table; did you mean "endOfLife"?'],
    ['data:\n  endOfLife: [a]\n', 'c.yaml:2: data.endOfLife: expected keys with values'],
    [
      'data:\n  endOfLife:\n    debian-12: 2028-02-31\n',
      'c.yaml:3: data.endOfLife.debian-12: expected a day, such as 2028-06-30, found "2028-02-31"',
    ],
    ['data:\n  endOfLife:\n    debian-12: 2028\n', 'c.yaml:3: data.endOfLife.debian-12: expected a day'],
  ])('%j is refused', (text, message) => {
    expect(() => parseConfigFile('c.yaml', text)).toThrow(message);
  });
});
