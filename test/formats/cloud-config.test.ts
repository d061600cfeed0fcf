import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type CloudConfigFile,
  mergeCloudConfig,
  originOf,
  readCloudConfigFile,
} from '../../src/formats/cloud-config.ts';

function file(path: string, text: string): CloudConfigFile {
  const found = readCloudConfigFile(path, text);
  if ('limit' in found) throw new Error(found.limit);
  return found;
}

const merge = (main: string, ...dropIns: readonly string[]) =>
  mergeCloudConfig(
    file('cloud.cfg', main),
    dropIns.map((text, index) => file(`${index}.cfg`, text)),
  );

describe('one file', () => {
  test.each([
    ['a: 1\n', 'merged', undefined],
    ['', 'empty', undefined],
    ['# only a comment\n', 'empty', undefined],
    ['- a\n', 'ignored', 'the file is no mapping of keys to values'],
    ['a: [\n', 'ignored', 'unexpected end of the stream within a flow collection'],
    ['## template: jinja\na: {{ b }}\n', 'template', expect.any(String)],
    ['## template:jinja\na: 1\n', 'template', undefined],
  ])('%j is %s', (text, state, message) => {
    const found = file('/etc/cloud/cloud.cfg', text);
    expect([found.state, found.problem?.message]).toEqual([state, message]);
  });

  test('a cap of the reader is no defect of the file', () => {
    expect(readCloudConfigFile('x.cfg', 'a: &a [*a]\n')).toEqual({
      path: 'x.cfg',
      limit: expect.stringContaining('line 1'),
    });
  });
});

describe('merge', () => {
  test.each<[string, unknown, ...string[]]>([
    [
      'later drop-ins win over earlier ones and over cloud.cfg',
      { a: 3, b: 2, c: 1 },
      'a: 1\nb: 1\nc: 1\n',
      'a: 2\nb: 2\n',
      'a: 3\n',
    ],
    ['mappings merge, lists are replaced', { m: { x: 1, y: 2 }, l: [2] }, 'm: {x: 1}\nl: [1]\n', 'm: {y: 2}\nl: [2]\n'],
    ['null replaces', { a: null }, 'a: {x: 1}\n', 'a:\n'],
    ['a text gives way to a mapping below it', { a: { x: 1 } }, 'a: {x: 1}\n', 'a: text\n'],
    ['a list gives way to a mapping below it', { a: { x: 1 } }, 'a: {x: 1}\n', 'a: [text]\n'],
    [
      'merge_how of a drop-in does not reach cloud.cfg',
      { l: [2] },
      'l: [1]\n',
      'merge_how: list(append)+dict(recurse_list)\nl: [2]\n',
    ],
    [
      'merge_how of a drop-in joins it to the later ones',
      { l: [3, 2] },
      'l: [1]\n',
      'merge_how: list(append)+dict(recurse_list)\nl: [2]\n',
      'l: [3]\n',
    ],
    [
      'merge_type of cloud.cfg joins it to the drop-ins',
      { l: [2, 1] },
      'merge_type: list(append)+dict(recurse_list)\nl: [1]\n',
      'l: [2]\n',
    ],
    ['a file whose mergers know no mapping is lost', { a: 2 }, 'merge_how: list(append)\nb: 1\n', 'a: 2\n'],
    ['an unreadable file counts for nothing', { a: 1 }, 'a: 1\n', '- b\n'],
  ])('%s', (_, merged, main, ...dropIns) => {
    expect(merge(main ?? '', ...dropIns)).toEqual({ merged });
  });

  test.each(['list(append', 'unknown()', '[3]', '7', '[{name: dict}]'])('merge_how: %s ends cloud-init', (how) => {
    expect(merge(`merge_how: ${how}\na: 1\n`).error).toEqual(expect.stringContaining('merge_how'));
  });
});

test('the origin of a value is the file whose value came through', () => {
  const main = file('cloud.cfg', 'a: 1\nm: {x: 1}\n');
  const first = file('1.cfg', 'a: 2\nm: {y: 1}\n');
  const last = file('2.cfg', 'a: 2\n');
  const { merged } = mergeCloudConfig(main, [first, last]);
  const origin = (...path: string[]) => originOf(path, merged, [last, first, main])?.path;
  expect([origin('a'), origin('m'), origin('m', 'x'), origin('m', 'y'), origin('z')]).toEqual([
    '2.cfg',
    '1.cfg',
    'cloud.cfg',
    '1.cfg',
    undefined,
  ]);
});

it('merges any values without throwing', () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  const content = fc.tuple(
    fc.dictionary(fc.constantFrom('a', 'b', 'merge_how', 'merge_type'), json),
    fc.constantFrom('', 'list(append)+dict(recurse_list,recurse_str)+str(append)'),
  );
  const text = content.map(([data, how]) => JSON.stringify({ ...data, ...(how && { merge_how: how }) }));
  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 3 }), (main, dropIns) => {
      expect(merge(main, ...dropIns)).toHaveProperty('merged');
    }),
    { seed: 7, numRuns: 300 },
  );
});
