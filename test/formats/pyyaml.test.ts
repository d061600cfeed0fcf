import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { type PyYamlValue, parsePyYaml } from '../../src/formats/pyyaml.ts';

function load(text: string): PyYamlValue {
  const document = parsePyYaml(text);
  if ('error' in document) throw new Error(`line ${document.error.line}: ${document.error.message}`);
  return document.value;
}

function refusal(text: string): { line: number; message: string; limit?: true } | undefined {
  const document = parsePyYaml(text);
  return 'error' in document ? document.error : undefined;
}

describe('types of plain scalars', () => {
  test.each<[string, PyYamlValue]>([
    ['yes', true],
    ['No', false],
    ['ON', true],
    ['off', false],
    ['y', 'y'],
    ['N', 'N'],
    ['yEs', 'yEs'],
    ['~', null],
    ['Null', null],
    ['', null],
    ['0644', 420],
    ['0o644', '0o644'],
    ['08', '08'],
    ['0x1F', 31],
    ['0b101', 5],
    ['1_000', 1000],
    ['+7', 7],
    ['-0', 0],
    ['1:30', 90],
    ['22:22', 1342],
    ['-1:30', -90],
    ['1:60', '1:60'],
    ['1.5', 1.5],
    ['1.', 1],
    ['.5', 0.5],
    ['1e3', '1e3'],
    ['1.0e+3', 1000],
    ['1:30.5', 90.5],
    ['.inf', Number.POSITIVE_INFINITY],
    ['-.INF', Number.NEGATIVE_INFINITY],
    ['.NaN', Number.NaN],
    ['2001-12-14', new Date('2001-12-14T00:00:00Z')],
    ['2001-12-14t21:59:43.10-05:00', new Date('2001-12-15T02:59:43.100Z')],
    ['"yes"', 'yes'],
    ["'0644'", '0644'],
    ['!!str 0644', '0644'],
    ['!!int "12"', 12],
    ['!!float 1', 1],
    ["! '12'", 12],
    ['!!binary aGk=', 'aGk='],
    ['!!set {a, b}', { a: null, b: null }],
    [
      '!!omap [a: 1, b: 2]',
      [
        ['a', 1],
        ['b', 2],
      ],
    ],
  ])('%s', (text, value) => {
    expect(load(`key: ${text}\n`)).toEqual({ key: value });
  });

  test.each(['2001-13-01', '0b_', '!!int x', '!!bool maybe', '!local x', '=', '<<', '!!binary a'])(
    '%s is refused',
    (text) => {
      expect(refusal(`\nkey: ${text}\n`)).toMatchObject({ line: 2 });
    },
  );
});

describe('documents', () => {
  test.each<[string, string, PyYamlValue]>([
    ['an empty text is null', '', null],
    ['a comment alone is null', '# nothing\n', null],
    ['a byte order mark is skipped', '\ufeffa: 1\n', { a: 1 }],
    ['the last of equal keys wins', 'a: 1\na: 2\n', { a: 2 }],
    ['keys become text', '1: a\nyes: b\n~: c\n', { 1: 'a', true: 'b', null: 'c' }],
    ['a merge key comes first', 'x: &x {a: 1, b: 2}\ny:\n  b: 3\n  <<: *x\n', { x: { a: 1, b: 2 }, y: { a: 1, b: 3 } }],
    [
      'the first of several merged mappings wins',
      'a: &a {k: 1}\nb: &b {k: 2}\nc: {<<: [*a, *b]}\n',
      { a: { k: 1 }, b: { k: 2 }, c: { k: 1 } },
    ],
    [
      'brackets may close at the margin',
      'a: [\nAzure,\nNone\n]\nb: {\nc: d\n}\n',
      { a: ['Azure', 'None'], b: { c: 'd' } },
    ],
    ['quotes may go on at the margin', 'a: "x\ny"\nb: 1\n', { a: 'x y', b: 1 }],
    ['a comment may touch a quote', 'a: "v"#c\n', { a: 'v' }],
    ['tabs may stand in quotes, blocks and comments', 'a: "\t" # \t\nb: |\n  \tx\n', { a: '\t', b: '\tx\n' }],
    ['a block without a final line break has none', 'a: |\n  x', { a: 'x' }],
    ['the end of the document may be marked', 'a: 1\n...\n', { a: 1 }],
    ['Windows line breaks are line breaks', 'a: 1\r\nb: |\r\n  x\r\n', { a: 1, b: 'x\n' }],
    ['a key called __proto__ is a key', '{"__proto__": 1}', JSON.parse('{"__proto__": 1}')],
  ])('%s', (_, text, value) => {
    expect(load(text)).toEqual(value);
  });

  test.each<[string, string, number]>([
    ['a tab after a colon', 'a: 1\nb:\tc\n', 2],
    ['a tab after a value', 'a: b\t\n', 1],
    ['a tab as indentation', 'a:\n\tb: 1\n', 2],
    ['a tab before a comment', 'a: b\t# c\n', 1],
    ['a second document', 'a: 1\n---\nb: 2\n', 2],
    ['a duplicate anchor', 'a: &x 1\nb: &x 2\n', 2],
    ['an undefined alias', 'a: 1\nb: *x\n', 2],
    ['a key that is a list', '? [a]\n: b\n', 1],
    ['a bracket too many', 'a: 1\nb: ]\n', 2],
    ['a question mark inside brackets', 'a:\nb: [http://h/?q=1]\n', 2],
    ['a value without a key', 'a: 1\n: b\n', 2],
    ['a mapping behind a tag on the line of its key', 'a: !!str b: c\n', 1],
    ['a character that is not printable', 'a: 1\nb: \u0007\n', 2],
    ['indentation that fits nothing', 'a:\n  b: 1\n c: 2\n', 3],
    ['a list item that is not indented like the others', 'a:\n  - b\n - c\n', 3],
    ['a key of a mapping that merges a text', 'a: {<<: x}\n', 1],
  ])('%s is refused', (_, text, line) => {
    expect(refusal(text)).toMatchObject({ line });
    expect(refusal(text)).not.toHaveProperty('limit');
  });

  test('another version of YAML is refused', () => {
    expect(refusal('%YAML 2.0\n---\na: 1\n')).toBeDefined();
  });

  test.each<[string, string]>([
    ['nesting', `${'['.repeat(200)}${']'.repeat(200)}`],
    ['a value that contains itself', 'a: &a [*a]\n'],
    ['a mapping that merges itself', 'a: &a\n  <<: *a\n'],
    [
      'aliases of aliases',
      Array.from({ length: 30 }, (_, i) => `k${i}: &k${i} [${i ? `*k${i - 1}, *k${i - 1}` : '1'}]`).join('\n'),
    ],
    [
      'merges of merges',
      Array.from({ length: 30 }, (_, i) => `k${i}: &k${i} {<<: [${i ? `*k${i - 1}, *k${i - 1}` : ''}], x${i}: 1}`).join(
        '\n',
      ),
    ],
  ])('%s meets a limit', (_, text) => {
    expect(refusal(text)).toMatchObject({ limit: true });
  });
});

describe('lines', () => {
  const text = `# comment
a: 1
users:
  - default
  - name: azure
    groups: [adm,
      sudo]
base: &base
  x: 1
derived:
  <<: *base
  y: [
2,
3
]
a: again
`;
  test.each<[readonly (string | number)[], number | undefined]>([
    [[], 2],
    [['a'], 16],
    [['users', 0], 4],
    [['users', 1, 'name'], 5],
    [['users', 1, 'groups', 1], 7],
    [['derived', 'x'], 9],
    [['derived', 'y', 1], 14],
    [['users', 2], undefined],
    [['nothing'], undefined],
    [['a', 'b'], undefined],
  ])('%j', (path, line) => {
    const document = parsePyYaml(text);
    expect('error' in document ? document.error : document.lineOf(path)).toBe(line);
  });
});

describe('any text', () => {
  const pieces = fc.constantFrom(
    'a',
    ': ',
    '- ',
    '\n',
    '  ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '"',
    "'",
    '|',
    '>',
    '&a ',
    '*a',
    '!!',
    '#',
    '\t',
    '?',
    '---\n',
    '\r',
    '%',
    '<<: ',
    '\\',
    '\u0000',
    '\ud800',
    'é',
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join('')),
  );

  it('gives a value or an error with a line of the text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const document = parsePyYaml(text);
        const line = 'error' in document ? document.error.line : (document.lineOf([]) ?? 1);
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(text.split('\n').length);
      }),
      { seed: 6, numRuns: 1000 },
    );
  });
});
