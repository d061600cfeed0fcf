import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type PyYamlValue, parsePyYaml } from '../../src/formats/pyyaml.ts';
import { describeOracle, runPython } from './oracle.ts';

/** Answers for a list of texts, in the notation of `notation`. */
const program = `
import base64, datetime, json, math, yaml

def key(k):
    if k is None: return 'null'
    if k is True: return 'true'
    if k is False: return 'false'
    if isinstance(k, float): return number(k)
    if isinstance(k, bytes): return base64.b64encode(k).decode()
    if isinstance(k, (datetime.date, datetime.datetime)): return plain(k)['date'].replace('Z', '.000Z')
    return str(k)

def number(v):
    if math.isnan(v): return 'NaN'
    if math.isinf(v): return 'Infinity' if v > 0 else '-Infinity'
    return str(int(v)) if v == int(v) and abs(v) < 1e15 else repr(v)

def plain(v):
    if isinstance(v, dict): return {'map': {key(k): plain(x) for k, x in v.items()}}
    if isinstance(v, set): return {'map': {key(k): None for k in v}}
    if isinstance(v, (list, tuple)): return [plain(x) for x in v]
    if isinstance(v, bytes): return base64.b64encode(v).decode()
    if isinstance(v, datetime.datetime):
        if v.tzinfo: v = v.astimezone(datetime.timezone.utc)
        return {'date': v.strftime('%Y-%m-%dT%H:%M:%SZ').rjust(20, '0')}
    if isinstance(v, datetime.date): return {'date': v.strftime('%Y-%m-%dT00:00:00Z').rjust(20, '0')}
    if isinstance(v, bool) or v is None or isinstance(v, str): return v
    return {'number': number(float(v))}

def answer(text):
    try:
        return {'value': plain(yaml.safe_load(text))}
    except yaml.YAMLError as e:
        mark = getattr(e, 'problem_mark', None)
        return {'error': str(e), 'line': mark.line + 1 if mark else None}
    except RecursionError:
        return {'value': 'recursion'}
    except Exception as e:
        return {'error': repr(e), 'line': None}

print(json.dumps([answer(text) for text in json.load(sys.stdin)]))
`;

interface Answer {
  readonly value?: unknown;
  readonly error?: string;
  readonly line?: number | null;
}

function notation(value: PyYamlValue): unknown {
  if (typeof value === 'number') return { number: String(value) };
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Date) return { date: value.toISOString().replace(/\.\d+Z$/, 'Z') };
  if (Array.isArray(value)) return value.map(notation);
  return { map: Object.fromEntries(Object.entries(value).map(([name, item]) => [name, notation(item)])) };
}

const ask = (texts: readonly string[]): readonly Answer[] => JSON.parse(runPython(program, JSON.stringify(texts)));

/** Texts on which the two differ, with both readings. */
function disagreements(texts: readonly string[]): unknown[] {
  return ask(texts).flatMap((theirs, index) => {
    const text = texts[index] ?? '';
    const ours = parsePyYaml(text);
    if ('error' in ours)
      return theirs.error === undefined && !ours.error.limit ? [{ text, ours: ours.error, theirs }] : [];
    const value = notation(ours.value);
    const same = theirs.error === undefined && JSON.stringify(sorted(value)) === JSON.stringify(sorted(theirs.value));
    return same ? [] : [{ text, ours: value, theirs }];
  });
}

/** JSON with sorted keys: the order of keys says nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]),
  );
}

const scalarPieces = fc.constantFrom(
  ...[
    '0',
    '1',
    '7',
    '8',
    '9',
    '12',
    '59',
    '60',
    '_',
    ':',
    '.',
    '-',
    '+',
    'e',
    'E',
    'x',
    'b',
    'o',
    '0x1F',
    '0b1',
    '017',
    '08',
    '1:30',
    'y',
    'n',
    'yes',
    'No',
    'ON',
    'Off',
    'TRUE',
    'null',
    'Null',
    '~',
    '.inf',
    '-.INF',
    '.NaN',
    '2001-12-14',
    'T',
    '21:59:43',
    '.10',
    ' -5',
    ' Z',
    '=',
    '<<',
    'a',
  ],
);
const scalars = fc.array(scalarPieces, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
const tags = fc.constantFrom(
  '',
  '',
  '',
  '',
  '!!str ',
  '!!int ',
  '!!float ',
  '!!bool ',
  '!!null ',
  '!!timestamp ',
  '!!binary ',
  '!!set ',
  '!local ',
  '! ',
);

const words = fc.constantFrom(
  ...[
    'a',
    'users',
    'default',
    'yes',
    'no',
    '0644',
    '"quoted # text"',
    "'it''s'",
    '"line\\n"',
    '&x',
    '*x',
    '&y {k: 1}',
    '*y',
    '# comment',
    '[ Azure ]',
    '[Azure, None]',
    '{a: 1, b: [c]}',
    '{a, b: c}',
    '-',
    '- ',
    '? ',
    ': ',
    ':',
    ', ',
    '[',
    ']',
    '{',
    '}',
    '|',
    '>-',
    '|2',
    '---',
    '...',
    '!!str',
    '!x',
    '<<: *y',
    '<<',
    '=',
    '@',
    '`',
    '%',
    '\t',
    "'",
    '"',
    'a: b',
    'a#b',
    'http://h/?q=1',
    'x:y',
    'datasource_list:',
    '%YAML 1.1',
    '\\',
    '...\n---',
  ],
);
const lines = fc
  .tuple(
    fc.constantFrom('', '', '  ', '    ', ' ', '- ', '  - ', '    - '),
    fc.constantFrom('', 'a: ', 'b: ', 'c:', 'key: ', '"q": '),
    fc.array(words, { maxLength: 3 }),
  )
  .map(([indent, key, rest]) => `${indent}${key}${rest.join(' ')}`);
const documents = fc
  .tuple(fc.array(lines, { minLength: 1, maxLength: 6 }), fc.constantFrom('\n', '\n', '\n', '\r\n'))
  .map(([all, end]) => `${all.join(end)}${end}`);

/** What people write, and what editors and sed make of it. */
const wellFormed = fc.letrec((tie) => ({
  leaf: fc.oneof(
    scalars,
    fc.constantFrom(
      '"a b"',
      "'c'",
      'plain words',
      '[ Azure, None ]',
      '{x: 1, "y": [no]}',
      '',
      '[\nAzure,\n]',
      '"two\nlines"',
      '|\n        text\n\n         more',
      '>-\n        folded\n        text',
    ),
  ),
  block: fc.oneof(
    { depthSize: 'small' },
    tie('leaf').map((leaf) => ` ${String(leaf)}`),
    tie('mapping').map((text) => `\n${String(text)}`),
  ),
  mapping: fc
    .array(fc.tuple(fc.constantFrom('a', 'b', 'c', '"d"', 'on', '0x10'), tie('block')), {
      minLength: 1,
      maxLength: 4,
    })
    .map((pairs) => pairs.map(([name, text]) => `${name}:${String(text).replaceAll('\n', '\n  ')}`).join('\n')),
})).mapping;

describeOracle('PyYAML', 'PyYAML', ['usr/lib/python3/dist-packages/yaml/__init__.py'], () => {
  test('types plain scalars alike', () => {
    const texts = fc
      .sample(fc.tuple(tags, scalars), { numRuns: 1500, seed: 1 })
      .map(([tag, text]) => `a: ${tag}${text}\n`);
    expect(disagreements(texts)).toEqual([]);
  });

  test('reads well-formed documents alike', () => {
    const texts = fc.sample(wellFormed, { numRuns: 600, seed: 2 });
    expect(disagreements(texts)).toEqual([]);
  });

  test('accepts and refuses broken documents alike', () => {
    const texts = fc.sample(documents, { numRuns: 1500, seed: 3 });
    expect(disagreements(texts)).toEqual([]);
  });
});
