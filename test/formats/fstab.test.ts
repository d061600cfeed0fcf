import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { parseFstab, splitMountOptions } from '../../src/formats/fstab.ts';

const mounts = (text: string) =>
  parseFstab(text).entries.map(({ device, mountPoint, type, options, dump, pass }) =>
    [device, mountPoint, type, options.join('|'), dump, pass].join(' '),
  );

describe('fstab', () => {
  test.each([
    ['a whole line', 'UUID=1 / ext4 defaults,discard 0 1', ['UUID=1 / ext4 defaults|discard 0 1']],
    ['blanks and tabs in any number', '  a\t /b \t ext4  ro  \t', ['a /b ext4 ro 0 0']],
    ['a line without options, dump and pass', 'a /b ext4', ['a /b ext4  0 0']],
    ['comments and empty lines', '# a /b ext4\n \t# x\n\n  \n', []],
    ['a hash later on as data', 'a#1 /b#2 ext4 x#y 0 0', ['a#1 /b#2 ext4 x#y 0 0']],
    ['octal escapes', String.raw`/a\040b /c\011d ext4 x\054y`, ['/a b /c\td ext4 x|y 0 0']],
    ['octal escapes of UTF-8', String.raw`/\303\244 /m ext4 ro`, ['/ä /m ext4 ro 0 0']],
    ['a backslash that begins no escape', String.raw`/a\b /c\ ext4 ro`, [String.raw`/a\b /c\ ext4 ro 0 0`]],
    ['carriage returns', 'a /b ext4 ro 0 2\r\n', ['a /b ext4 ro 0 2']],
    ['text behind the sixth field', 'a /b ext4 ro 0 0 # why', ['a /b ext4 ro 0 0']],
    ['a negative pass', 'a /b ext4 ro 0 -1', ['a /b ext4 ro 0 -1']],
  ])('reads %s', (_, text, expected) => expect(mounts(text)).toEqual(expected));

  test.each([
    ['two fields', 'a /b\n'],
    ['a blank inside the label', 'LABEL="my disk" /b ext4 ro 0'],
    ['a pass that is no number', 'a /b ext4 ro 0 x'],
    ['a dump that is no number', 'a /b ext4 ro # 0'],
  ])('gives up a line with %s', (_, text) => {
    const { entries, problems } = parseFstab(text);
    expect(entries).toEqual([]);
    expect(problems).toEqual([{ line: 1, message: expect.stringMatching(/mount ignores the line$/) }]);
  });

  it('keeps line numbers and texts', () => {
    const [entry] = parseFstab('# x\n\na /b ext4 ro 0 0\n').entries;
    expect(entry).toMatchObject({ line: 3, text: 'a /b ext4 ro 0 0' });
  });

  it('splits options at commas outside quotes', () => {
    expect(splitMountOptions('ro,,context="a:b,c",x\\,y,')).toEqual(['ro', 'context="a:b,c"', 'x\\,y']);
  });

  it('never throws and stays inside the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { entries, problems } = parseFstab(text);
        const lines = text.split('\n').length;
        for (const { line } of [...entries, ...problems]) expect(line >= 1 && line <= lines).toBe(true);
      }),
      { seed: 1 },
    );
  });
});
