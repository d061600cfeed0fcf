import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { parseWaagentConf, waagentInt, waagentSwitch } from '../../src/formats/waagent-conf.ts';
import { waagentInts, waagentKeyMeantBy, waagentStrings, waagentSwitches } from '../../src/formats/waagent-keys.ts';
import { anyText } from '../any-text.ts';

/** Keys and values as the agent holds them after reading the text. */
function values(text: string): Record<string, string | undefined> {
  return Object.fromEntries(parseWaagentConf(text).assignments.map(({ key, value }) => [key, value]));
}

describe('waagent.conf', () => {
  test.each([
    ['a plain value', 'A=y', { A: 'y' }],
    ['blanks around key and value', '  A \t=  y  ', { A: 'y' }],
    ['a comment', '#A=y\n# B=n', {}],
    ['a comment behind the value', 'A=y # why', { A: 'y' }],
    ['double quotes', 'A="y"', { A: 'y' }],
    ['double quotes and blanks in any order', 'A= " "y" " ', { A: 'y' }],
    ['a double quote inside', 'A=a"b', { A: 'a"b' }],
    ['a hash inside double quotes', 'A="a#b"', { A: 'a' }],
    ['single quotes', "A='y'", { A: "'y'" }],
    ['carriage return and line feed', 'A=y\r\nB=n\r\n', { A: 'y', B: 'n' }],
    ['a quoted value before a carriage return', 'A="y"\r\n', { A: 'y"' }],
    ['a tab before a quoted value', 'A=\t"y"', { A: '"y' }],
    ['a carriage return alone', 'A=y\rB=n', { A: 'y\rB=n' }],
    ['a second equals sign', 'A=b=c', { A: 'b=c' }],
    ['an empty value', 'A=', { A: '' }],
    ['None', 'A=y\nA=None', { A: undefined }],
    ['none in lower case', 'A=none', { A: 'none' }],
    ['a repeated key', 'A=1\nA=2', { A: '2' }],
    ['an indented comment', ' #A=y', { '#A': 'y' }],
    ['an exported key', 'export A=y', { 'export A': 'y' }],
    ['a byte order mark', '\ufeffA=y', { '\ufeffA': 'y' }],
    ['a no-break space, which Python strips', 'A=\u00a0y\u0085', { A: 'y' }],
    ['an empty key', '=y', { '': 'y' }],
    ['a line without equals sign', 'A: y', {}],
    ['an empty text', '', {}],
  ])('reads %s', (_, text, expected) => expect(values(text)).toStrictEqual(expected));

  it('gives the line and its text', () => {
    expect(parseWaagentConf('# a\n\nA=y # b\r\n').assignments).toStrictEqual([
      { key: 'A', value: 'y', line: 3, text: 'A=y # b\r' },
    ]);
  });

  test.each([
    [' #A=y', 'comment', '#A', 'only a # in the first column starts a comment: this line sets "#A"'],
    ['; A=y', 'comment', '; A', 'only a # in the first column starts a comment: this line sets "; A"'],
    [
      '\ufeff# A=y',
      'comment',
      '\ufeff# A',
      'only a # in the first column starts a comment: this line sets "\ufeff# A"',
    ],
    ['\ufeffA=y', 'lost', 'A', 'a byte order mark belongs to the key, so A is not set'],
    ['export A.B=y', 'lost', 'A.B', 'the key is "export A.B", so A.B is not set'],
    ['Logs.Verbose: y', 'lost', 'Logs.Verbose', 'Logs.Verbose has no =, so the agent skips the line'],
    ['Logs.Verbose y', 'lost', 'Logs.Verbose', 'Logs.Verbose has no =, so the agent skips the line'],
    ['A.B.C : y', 'lost', 'A.B.C', 'A.B.C has no =, so the agent skips the line'],
    ['A\ufeffB=y', 'lost', 'B', 'the key is "A\ufeffB", so B is not set'],
    ["A='y'", 'altered', 'A', 'single quotes are part of the value "\'y\'"'],
    ["A='y", 'altered', 'A', 'single quotes are part of the value "\'y"'],
    ["A=y'", 'altered', 'A', 'single quotes are part of the value "y\'"'],
    ['A=\t"y"', 'altered', 'A', 'a double quote next to a tab or carriage return is part of the value "\\"y"'],
    ['A="y"\r', 'altered', 'A', 'a double quote next to a tab or carriage return is part of the value "y\\""'],
    ['A="ab#c"', 'altered', 'A', 'quotes do not protect #: the value ends before it and is "ab"'],
    ['A="a#b"', 'altered', 'A', 'quotes do not protect #: the value ends before it and is "a"'],
  ])('says what is odd about %j', (text, effect, key, message) => {
    expect(parseWaagentConf(text).problems).toStrictEqual([{ line: 1, effect, key, message }]);
  });

  test.each([
    'A="y" # "quoted"',
    'A=y\r',
    'plain words',
    '[section]',
    '; words',
    '  # words',
    'A=a"b',
    '',
    'Role.Name',
    'see Logs.Verbose y',
    'Logs.Verbose2 y',
    'A#B=y',
    'A="a # b',
  ])('finds nothing odd about %j', (text) => expect(parseWaagentConf(text).problems).toStrictEqual([]));

  it('never throws, and stays within the lines of the text', () => {
    const part = fc.constantFrom('"', "'", '#', '=', ' ', '\t', '\r', '\n', 'None', 'A', '\ufeff', ';', '\u0085', '1');
    const text = fc.oneof(
      fc.array(part).map((parts) => parts.join('')),
      anyText(),
    );
    fc.assert(
      fc.property(text, (sample) => {
        const { assignments, problems } = parseWaagentConf(sample);
        const lines = sample.split('\n');
        for (const { line, text: written } of assignments) expect(lines[line - 1]).toBe(written);
        for (const { line } of problems) expect(lines[line - 1]).toBeDefined();
      }),
      { seed: 1 },
    );
  });
});

describe('values of waagent.conf', () => {
  test.each([
    ['y', true],
    ['Y', true],
    ['n', false],
    ['N', false],
    ['yes', undefined],
    ['true', undefined],
    ['1', undefined],
    ['', undefined],
  ])('%j as a switch is %j', (text, expected) => expect(waagentSwitch(text)).toBe(expected));

  test.each([
    ['10', 10],
    ['+10', 10],
    ['-3', -3],
    ['007', 7],
    ['1_000', 1000],
    ['٣٤', 34],
    ['𝟗𝟎', 90],
    ['1_٣', 13],
    ['10s', undefined],
    ['0x10', undefined],
    ['10.0', undefined],
    ['1e3', undefined],
    ['_1', undefined],
    ['1_', undefined],
    ['1__0', undefined],
    ['+ 1', undefined],
    ['²', undefined],
    ['', undefined],
  ])('%j as a number is %j', (text, expected) => expect(waagentInt(text)).toBe(expected));

  it('refuses a number of more digits than Python converts', () => {
    expect(waagentInt('0'.repeat(4300))).toBe(0);
    expect(waagentInt('0'.repeat(4301))).toBeUndefined();
  });
});

describe('keys of waagent.conf', () => {
  it('gives each key one type', () => {
    const keys = [waagentSwitches, waagentStrings, waagentInts].flatMap((table) => [...table.keys()]);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test.each([
    ['Provisioning.agent', 'Provisioning.Agent'],
    ['AutoUpdate.Frequency', 'Autoupdate.Frequency'],
    ['Home.Dir', 'OS.HomeDir'],
    ['Provisioning.Agent', undefined],
    ['Provisioning.Enabled', undefined],
    ['Role.StateConsumer', undefined],
    ['My.Key', undefined],
  ])('%s was meant to be %s', (key, meant) => expect(waagentKeyMeantBy(key)).toBe(meant));
});
