import { describe, expect, it, test } from '@jest/globals';
import { findGrubDefault } from '../../src/formats/grub-menu.ts';

const menu = [
  { title: 'First', id: 'one' },
  {
    title: 'More',
    id: 'more',
    items: [
      { title: 'Old', id: 'old-1' },
      { title: 'A > B', id: 'old-2' },
    ],
  },
  { title: '2 b', id: '5fd0c1d2-5.14' },
  { title: 'one', id: '' },
  { title: '' },
];

describe('the default of the menu', () => {
  test.each([
    // Numbers.
    ['0', 'First'],
    ['2', '2 b'],
    ['02', '2 b'],
    ['0x2', '2 b'],
    ['0x02', '2 b'],
    [' 2 ', '2 b'],
    ['9', 'First'],
    ['12', 'First'],
    ['-2', 'First'],
    ['2 of 3', 'First'],
    ['no 2', 'First'],
    ['0x', 'First'],
    // Titles and identifiers.
    ['2 b', '2 b'],
    ['one', 'First'],
    ['', 'First'],
    ['gone', 'First'],
    ['saved', 'First'],
    // Identifiers of Red Hat, which begin with a machine ID.
    ['5fd0c1d2-5.14', '2 b'],
    ['2fd0c1d2-5.13', 'First'],
    ['5fd0c1d2-5.14.conf', 'First'],
    // Submenus.
    ['1>1', 'A > B'],
    ['1', 'Old'],
    ['1>9', 'Old'],
    ['More>Old', 'Old'],
    ['more>old-2', 'A > B'],
    ['More>A >> B', 'A > B'],
    ['More>A > B', 'Old'],
    ['More>>Old', 'First'],
    ['1>>1', 'First'],
    ['>1', 'First'],
    ['2>1', '2 b'],
  ])('%j is %j', (value, title) => expect(findGrubDefault(menu, value)?.title).toBe(title));

  it('is nothing in an empty menu', () => expect(findGrubDefault([], '0')).toBeUndefined());
  it('is nothing in an empty submenu', () => {
    expect(findGrubDefault([{ title: 'More', items: [] }], '0')).toBeUndefined();
  });
});
