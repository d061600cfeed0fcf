import { describe, expect, test } from '@jest/globals';
import { mergeManyMappings } from '../../src/formats/cloud-config-merge.ts';
import type { PyYamlValue } from '../../src/formats/pyyaml.ts';

const failure = Symbol('cloud-init ends with an exception');
const gone = Symbol('the key is deleted');

/** What becomes of a key that is there, when a source with `merge_how` brings it too. */
function merged(how: PyYamlValue, present: PyYamlValue, added: PyYamlValue) {
  const result = mergeManyMappings([{ k: present }, { merge_how: how, k: added }]);
  if ('error' in result) return failure;
  expect(result.value).not.toHaveProperty('merge_how');
  return 'k' in result.value ? result.value['k'] : gone;
}

describe('merge_how', () => {
  // Expectations are answers of cloudinit.util.mergemanydict of cloud-init 22.4.2.
  test.each<[PyYamlValue, PyYamlValue, PyYamlValue, unknown]>([
    ['list(append)+dict(recurse_list,recurse_str)', [1], [2], [1, 2]],
    ['list(prepend)+dict(recurse_list,recurse_str)', [1], [2], [2, 1]],
    ['list(append)+dict(recurse_list,recurse_str)', ['a'], 'xy', ['a', 'x', 'y']],
    ['list(prepend)+dict(recurse_list,recurse_str)', ['a'], 'xy', ['x', 'y', 'a']],
    ['list(append)+dict(recurse_list,recurse_str)', [1], { x: 1 }, [1, 'x']],
    ['list(append)+dict(replace)', [1], [2], [2]],
    ['list(append)+dict()', [1], [2], [1]],
    ['list(append)+dict(recurse_array)', [1], [2], [1, 2]],
    ['list()+dict(recurse_list,recurse_str)', [1, 2], [3], [3, 2]],
    ['list()+dict(recurse_list,recurse_str)', [1], [2, 3], [2]],
    ['list(replace)+dict(recurse_list,recurse_str)', ['a'], 'xy', 'xy'],
    ['list()+dict(recurse_list,recurse_str)', ['a'], { x: 1 }, { x: 1 }],
    ['list(no_replace)+dict(recurse_list,recurse_str)', [1, 2], [3], [1, 2]],
    ['list(no_replace)+dict(recurse_list,recurse_str)', [1], 'xy', [1]],
    ['list(no_replace)+dict(recurse_list,recurse_str)', [1], { x: 1 }, failure],
    ['list(no_replace)+dict(recurse_list,recurse_str)', [], { x: 1 }, []],
    ['list(no_replace)+dict(recurse_list,recurse_str)', [1], {}, [1]],
    ['list(no_replace,recurse_dict)+dict(recurse_list,recurse_str)', [{ a: 1 }], [{ b: 1 }], [{ a: 1 }]],
    [
      'list(recurse_dict)+dict(recurse_list,recurse_str)',
      [{ a: 1 }, { b: 1 }],
      [{ a: 2, c: 3 }],
      [{ a: 1, c: 3 }, { b: 1 }],
    ],
    ['list(recurse_list)+dict(recurse_list,recurse_str)', [[1, 2]], [[3]], [[3, 2]]],
    ['list(recurse_array)+dict(recurse_list,recurse_str)', [[1, 2]], [[3]], [[3, 2]]],
    ['list()+dict(recurse_list,recurse_str)', [[1, 2]], [[3]], [[3]]],
    ['list(recurse_str)+dict(recurse_list,recurse_str)+str(append)', ['a'], ['b'], ['ab']],
    ['list()+dict(recurse_list,recurse_str)+str(append)', ['a'], ['b'], ['b']],
    ['list(recurse_dict)+dict(recurse_list,recurse_str)', [{ a: 1 }], [7], [7]],
    ['list(append,prepend)+dict(recurse_list,recurse_str)', [1], [2], [1, 2]],
    ['list(append)+list(prepend)+dict(recurse_list,recurse_str)', [1], [2], [1, 2]],
    ['str(append)+dict(recurse_list,recurse_str)', 'a', 'b', 'ab'],
    ['str()+dict(recurse_list,recurse_str)', 'a', 'b', 'b'],
    ['str(append)+dict()', 'a', 'b', 'a'],
    ['dict(recurse_list,recurse_str)', 'a', 'b', 'a'],
    ['str(append)+dict()', 'a', { x: 1 }, failure],
    ['str()+dict()', 'a', { x: 1 }, { x: 1 }],
    ['str(append)+dict(recurse_list,recurse_str)', 'a', ['b'], failure],
    ['dict(replace)', { x: 1 }, { y: 2 }, { y: 2 }],
    ['dict(no_replace)', 1, 2, 1],
    ['dict()', { x: 1 }, { x: 2, y: 3 }, { x: 1, y: 3 }],
    ['dict(allow_delete)', 1, null, gone],
    ['dict(allow_delete)', 1, 2, 1],
    ['dict()', 1, null, 1],
    ['dict(replace)', 1, null, null],
    ['dict(replace,allow_delete)', 1, null, gone],
    ['dict(replace,allow_delete)', 1, 2, 2],
    ['dict(recurse_list,recurse_str)', { x: 1 }, [1], { x: 1 }],
    ['dict(recurse_list,recurse_str)', [1], [2], [1]],
    ['list(append)', 1, 2, 1],
    [[{ name: 'dict', settings: ['replace'] }], 1, 2, 2],
    [[{ name: 'dict', settings: 'no_replace' }], 1, 2, 2],
    [[{ name: 'dict', settings: ['no_replace'] }], 1, 2, 1],
    [[{ name: ' m-dict ', settings: ['replace'] }], 1, 2, 2],
    [[['dict', 'replace']], 1, 2, 2],
    [[['dict']], 1, 2, 1],
    [
      [
        ['', 'x'],
        ['dict', 'replace'],
      ],
      1,
      2,
      2,
    ],
    [[['']], 1, 2, 1],
    [[{ name: ' ', settings: [] }], 1, 2, 1],
    [[{ name: 'dict' }], 1, 2, failure],
    [[{ settings: [] }], 1, 2, failure],
    [[{ name: 3, settings: [] }], 1, 2, failure],
    [[{ name: 'dict', settings: 7 }], 1, 2, failure],
    [[{ name: 'dict', settings: null }], 1, 2, failure],
    [[[3]], 1, 2, failure],
    [[[]], 1, 2, failure],
    [['dict'], 1, 2, failure],
    [' DICT( REPLACE ) ', 1, 2, 2],
    ['m_dict(replace)', 1, 2, 2],
    ['M-Dict(replace)', 1, 2, 2],
    ['dict(replace)+', 1, 2, 2],
    ['+dict(replace)', 1, 2, 2],
    [' + dict(replace)', 1, 2, 2],
    ['dict(replace)x', 1, 2, failure],
    ['!dict(replace)', 1, 2, failure],
    ['dict_m_(replace)', 1, 2, failure],
    ['', 1, 2, 1],
    ['dict( recurse_str , replace)', 1, 2, 2],
  ])('%j: %j and %j', (how, present, added, expected) => expect(merged(how, present, added)).toStrictEqual(expected));

  test.each<[string, Record<string, PyYamlValue>, Record<string, PyYamlValue>]>([
    ['takes merge_type as well', { merge_type: 'dict(replace)' }, { k: 2 }],
    ['goes before merge_type, which stays', { merge_how: 'dict(replace)', merge_type: 'x' }, { k: 2, merge_type: 'x' }],
    ['that is null leaves it to merge_type', { merge_how: null, merge_type: 'dict(replace)' }, { k: 2 }],
    ['and merge_type that are null leave it to the default', { merge_how: null, merge_type: null }, { k: 1 }],
    ['without a merger for mappings loses the source', { merge_how: 'list(append)', other: 1 }, { k: 1 }],
  ])('%s', (_, how, expected) => {
    expect(mergeManyMappings([{ k: 1 }, { ...how, k: 2 }])).toStrictEqual({ value: expected });
  });

  test.each([
    ['list(append', '"list(append" of merge_how is not in the form name(options)'],
    ['unknown()', 'merge_how names an unknown merger "unknown"'],
  ])('says what is wrong with %j', (how, error) => {
    expect(mergeManyMappings([{ merge_how: how }])).toStrictEqual({ error });
  });
});
