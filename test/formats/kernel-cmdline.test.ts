import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { parseKernelCommandLine } from '../../src/formats/kernel-cmdline.ts';
import { anyText } from '../any-text.ts';

describe('kernel command line', () => {
  test.each([
    ['words and values', 'ro console=ttyS0,115200n8 root=UUID=1', ['ro', 'console=ttyS0,115200n8', 'root=UUID=1']],
    ['blanks of every kind', ' \ta\n b\r\f\vc ', ['a', 'b', 'c']],
    ['a quoted value', 'dyndbg="file x +p" b', ['dyndbg=file x +p', 'b']],
    ['a quoted word', '"a=b c" d', ['a=b c', 'd']],
    ['a quote inside a value', 'a=b"c d"e', ['a=b"c d"e']],
    ['a quote at the end of a value', 'a=b"c d"', ['a=b"c d"']],
    ['a quoted value in a quoted word', '"a="b"" c', ['a=b"', 'c']],
    ['an open quote', 'a="b c', ['a=b c']],
    ['arguments of init', 'a -- b c', ['a']],
    ['two dashes inside a word', 'a --b -- c', ['a', '--b']],
    ['two dashes with a value', 'a --=b c', ['a', '--=b', 'c']],
    ['an equals sign in front', '=a=b', ['=a=b']],
    ['nothing', ' ', []],
  ])('reads %s', (_, text, expected) =>
    expect(parseKernelCommandLine(text).map((parameter) => parameter.text)).toEqual(expected),
  );

  it('separates name and value at the first equals sign', () => {
    expect(parseKernelCommandLine('quiet root=UUID=1 x= "y=1 2" =a=b')).toEqual([
      { text: 'quiet', name: 'quiet' },
      { text: 'root=UUID=1', name: 'root', value: 'UUID=1' },
      { text: 'x=', name: 'x', value: '' },
      { text: 'y=1 2', name: 'y', value: '1 2' },
      { text: '=a=b', name: '=a', value: 'b' },
    ]);
  });

  it('never throws, and plain words come back as they are', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        parseKernelCommandLine(text);
      }),
      { seed: 1 },
    );
    const word = fc.stringMatching(/^[a-z][a-z0-9=,.:]{0,8}$/);
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(parseKernelCommandLine(words.join(' ')).map(({ text }) => text)).toEqual(words);
      }),
      { seed: 1 },
    );
  });
});
