import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePreset } from '../../src/formats/systemd-preset.ts';
import { parseUnitFile, splitUnitList } from '../../src/formats/systemd-unit.ts';

const settings = (text: string) =>
  parseUnitFile(text).assignments.map(({ section, key, value, line }) => `${line} ${section}.${key}=${value}`);

describe('unit files', () => {
  test.each([
    [
      'sections, blanks and repeated keys',
      '[Unit]\nAfter = a\nAfter=b\n[Install]\nWantedBy=c\n',
      ['2 Unit.After=a', '3 Unit.After=b', '5 Install.WantedBy=c'],
    ],
    ['comments of both kinds', '[A]\n#B=1\n ;C=2\nD=3;4#5\n', ['4 A.D=3;4#5']],
    ['continuation lines', '[A]\nB=1\\\n  2\\\n3\n', ['2 A.B=1   2 3']],
    ['a comment between continuation lines', '[A]\nB=1 \\\n# no\n2\n', ['2 A.B=1  2']],
    ['a comment at the end of a continued line', '[A]\nB=1 \\\n# no', ['2 A.B=1']],
    ['an escaped backslash at the end', '[A]\nB=1\\\\\nC=2\n', ['2 A.B=1\\\\', '3 A.C=2']],
    ['an open continuation at the end of the file', '[A]\nB=1\\', ['2 A.B=1']],
    ['empty values', '[A]\nB=\n', ['2 A.B=']],
    ['a second equals sign', '[A]\nB=C=D\n', ['2 A.B=C=D']],
    ['what stands before the first section', 'B=1\n[A]\nC=2', ['3 A.C=2']],
    ['carriage returns', '[A]\r\nB=1\r\n', ['2 A.B=1']],
    ['a byte order mark', '\uFEFF[A]\nB=1\n', ['2 A.B=1']],
    ['lines without key or sign', '[A]\nB\n=1\nC=2\n', ['4 A.C=2']],
  ])('reads %s', (_, text, expected) => expect(settings(text)).toEqual(expected));

  it('gives the file up at an unclosed section header', () => {
    const unit = parseUnitFile('[A]\nB=1\n[C\nD=2\n');
    expect(unit.isRejected).toBe(true);
    expect(unit.problems).toEqual([{ line: 3, message: expect.stringContaining('section header') }]);
  });

  it('splits lists with quotes', () => {
    expect(splitUnitList(' a  "b c" d\'e f\' "" ')).toEqual(['a', 'b c', 'de f', '']);
  });

  it('never throws and stays inside the text', () => {
    const piece = fc.constantFrom('[A]', '[', ']', 'K=', '\\', '\n', '\r', ' ', '#', ';', '\0', 'ä', '"');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (text) => {
          const { assignments, problems } = parseUnitFile(text);
          const lines = text.split(/\r\n|\n\r|\n|\r|\0/).length;
          for (const { line } of [...assignments, ...problems]) expect(line >= 1 && line <= lines).toBe(true);
          splitUnitList(text);
        },
      ),
      { seed: 1 },
    );
  });
});

describe('presets', () => {
  const rules = (text: string) =>
    parsePreset(text).rules.map(({ action, pattern, instances }) => [action, pattern, ...(instances ?? [])].join(' '));

  test.each([
    [
      'enable, disable and ignore',
      'enable a.service\ndisable *\nignore b.service\n',
      ['enable a.service', 'disable *', 'ignore b.service'],
    ],
    ['blanks', '  enable\t a.service  \n', ['enable a.service']],
    ['instances of a template', 'enable getty@.service tty1 tty2\n', ['enable getty@.service tty1 tty2']],
    ['comments', '# enable a\n; enable b\n\n', []],
  ])('reads %s', (_, text, expected) => expect(rules(text)).toEqual(expected));

  test.each([['Enable a.service'], ['enable'], ['enable a.service b'], ['enabled a.service']])('skips %s', (text) => {
    const { rules: found, problems } = parsePreset(text);
    expect(found).toEqual([]);
    expect(problems).toHaveLength(1);
  });
});
