import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { parseChronyConf, parseMakestep } from '../../src/formats/chrony-conf.ts';

const directives = (text: string) => parseChronyConf(text).directives.map(({ name, value }) => `${name} ${value}`);

describe('chrony.conf', () => {
  test.each([
    ['names in any case, blanks of any kind', '  MakeStep\t1.0   -1 \r\n', ['makestep 1.0 -1']],
    ['the four marks of comments', '! a\n;b\n  # c\n%d\n', []],
    ['a mark further on as an argument', 'server a#b\n', ['server a#b']],
    ['a text that ends at a NUL', 'server a\0b\n', ['server a']],
    ['no line at the end', 'rtcsync', ['rtcsync ']],
  ])('reads %s', (_, text, expected) => expect(directives(text)).toEqual(expected));

  test.each([
    ['a comment behind makestep', 'makestep 1 3 # why'],
    ['a word for a number', 'makestep often -1'],
    ['a reference clock without device', 'refclock PHC'],
    ['two patterns to include', 'include /a /b'],
    ['a line that is too long', `server ${'a'.repeat(2048)}`],
  ])('knows that chronyd refuses %s', (_, line) => {
    const { problems } = parseChronyConf(`rtcsync\n${line}\n`);
    expect(problems).toEqual([{ line: 2, message: expect.any(String) }]);
  });

  it('keeps line numbers and texts', () => {
    expect(parseChronyConf('# x\n\n  rtcsync \n').directives).toEqual([
      { name: 'rtcsync', args: [], value: '', line: 3, text: 'rtcsync' },
    ]);
  });

  it('takes the numbers of makestep as scanf does', () => {
    expect(parseMakestep(['1.5', '-1'])).toEqual({ threshold: 1.5, limit: -1 });
    expect(parseMakestep(['.1e1', '3x'])).toEqual({ threshold: 1, limit: 3 });
    expect([parseMakestep(['1']), parseMakestep(['-', '3'])]).toEqual([undefined, undefined]);
  });

  it('never throws and stays inside the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { directives: found, problems } = parseChronyConf(text);
        const lines = text.split('\n').length;
        for (const { line } of [...found, ...problems]) expect(line >= 1 && line <= lines).toBe(true);
      }),
      { seed: 1 },
    );
  });
});
