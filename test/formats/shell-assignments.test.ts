import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { parseOsRelease } from '../../src/formats/os-release.ts';
import { parseShellAssignments } from '../../src/formats/shell-assignments.ts';

const values = (text: string) =>
  Object.fromEntries([...parseShellAssignments(text).byKey].map(([key, { value }]) => [key, value]));

describe('shell assignments', () => {
  test.each([
    ['a plain value', 'A=b', { A: 'b' }],
    ['an empty value', 'A=\nB=""', { A: '', B: '' }],
    ['single quotes', `A='b "c" \\d $e'`, { A: 'b "c" \\d $e' }],
    ['double quotes with escapes', String.raw`A="b \"c\" \\ \$d \e"`, { A: 'b "c" \\ $d \\e' }],
    ['quotes side by side', `A=b'c d'"e"f`, { A: 'bc def' }],
    ['backslashes outside quotes', 'A=b\\ c\\#d', { A: 'b c#d' }],
    ['a comment', '# A=b\n  # B=c\nC=d # e', { C: 'd' }],
    ['a hash inside a word', 'A=b#c', { A: 'b#c' }],
    ['a repeated key', 'A=1\nA=2', { A: '2' }],
    ['several on one line', 'A=1 B=2; C=3', { A: '1', B: '2', C: '3' }],
    ['export', 'export A=1 B=2', { A: '1', B: '2' }],
    ['a value over two lines', 'A="b\nc"\nD=e', { A: 'b\nc', D: 'e' }],
    ['a continued line', 'A=b\\\nc', { A: 'bc' }],
    ['no expansion', `A=1\nB="$A \${A}"`, { A: '1', B: `$A \${A}` }],
  ])('reads %s', (_, text, expected) => expect(values(text)).toEqual(expected));

  test.each([
    ['blanks around the equals sign', 'A = b'],
    ['a command', 'echo A=b'],
    ['an assignment for one command', 'A=b true'],
    ['a condition', '[ -f /x ] && A=b'],
  ])('takes nothing from %s', (_, text) => {
    const { assignments, problems } = parseShellAssignments(text);
    expect(assignments).toEqual([]);
    expect(problems).toEqual([{ line: 1, message: 'not an assignment, so no value comes of this line' }]);
  });

  it('expands variables where the caller asks for it', () => {
    const text = `A=1\nB="$A-\${C}-$D"\nE='$A'\nA="$A 2"`;
    const { byKey } = parseShellAssignments(text, { expand: (name) => (name === 'C' ? 'c' : undefined) });
    expect([...byKey].map(([key, { value }]) => `${key}=${value}`)).toEqual(['A=1 2', 'B=1-c-', 'E=$A']);
  });

  it('reports a quote that is never closed', () => {
    expect(parseShellAssignments('A=1\nB="x\n').problems).toEqual([
      { line: 2, message: 'the quote " is never closed' },
    ]);
  });

  it('counts lines through quotes and continuations', () => {
    const { assignments } = parseShellAssignments('A="b\nc"\n\nD=\\\ne\nF=g');
    expect(assignments.map(({ key, line, text }) => [key, line, text])).toEqual([
      ['A', 1, 'A="b'],
      ['D', 4, 'D=\\'],
      ['F', 6, 'F=g'],
    ]);
  });

  it('reads os-release with a byte order mark and carriage returns', () => {
    const { byKey } = parseOsRelease('\uFEFFID=debian\r\nVERSION_ID="12"\r\n');
    expect([byKey.get('ID')?.value, byKey.get('VERSION_ID')?.value]).toEqual(['debian', '12']);
  });

  it('never throws and stays inside the text', () => {
    const piece = fc.constantFrom('A=', 'B', '"', "'", '\\', '\n', ' ', '#', '$A', '${', ';', 'export ', 'ä');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (text) => {
          const { assignments, problems } = parseShellAssignments(text, { expand: () => undefined });
          const lines = text.split('\n').length;
          for (const { line } of [...assignments, ...problems]) expect(line >= 1 && line <= lines).toBe(true);
        },
      ),
      { seed: 1 },
    );
  });
});
