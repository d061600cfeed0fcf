import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseSshdConfig, parseSshTime } from '../../src/formats/sshd-config.ts';

describe('options', () => {
  test.each([
    ['ClientAliveInterval 180', 'clientaliveinterval', ['180']],
    ['clientaliveinterval=180', 'clientaliveinterval', ['180']],
    ['\tClientAliveInterval  =\t180 \r', 'clientaliveinterval', ['180']],
    ['PermitRootLogin "no" # why', 'permitrootlogin', ['no']],
    ['AuthorizedKeysFile "/etc/my keys/%u" .ssh/b\\ c', 'authorizedkeysfile', ['/etc/my keys/%u', '.ssh/b c']],
    ["Banner '/etc/a b'", 'banner', ['/etc/a b']],
    ['ChallengeResponseAuthentication no', 'kbdinteractiveauthentication', ['no']],
    ['X ==1', 'x', ['=1']],
  ])('%j', (text, keyword, args) => {
    expect(parseSshdConfig(text)).toEqual({
      directives: [{ kind: 'option', keyword, args, line: 1, text: text.trim() }],
      problems: [],
    });
  });

  test.each(['', '   ', '# Port 22', '\t#', '#Include x'])('%j says nothing', (text) =>
    expect(parseSshdConfig(text)).toEqual({ directives: [], problems: [] }),
  );

  test.each(['Port', 'Port   ', 'Port # none', 'Banner "open', "Banner 'open"])('%j is refused', (text) =>
    expect(parseSshdConfig(text)).toMatchObject({ directives: [], problems: [{ line: 1 }] }),
  );
});

test('includes keep their place, and relative ones start in /etc/ssh', () => {
  const { directives } = parseSshdConfig(
    'Port 22\nInclude sshd_config.d/*.conf "/etc/a b.conf"\nMatch User a\nMatch ALL\n',
  );
  expect(directives).toMatchObject([
    { kind: 'option', line: 1 },
    { kind: 'include', patterns: ['/etc/ssh/sshd_config.d/*.conf', '/etc/a b.conf'], line: 2 },
    { kind: 'match', all: false, line: 3 },
    { kind: 'match', all: true, line: 4 },
  ]);
});

test.each([
  ['180', 180],
  ['3m', 180],
  ['1H30M', 5400],
  ['1d1w', 691_200],
  ['2147483647', 2_147_483_647],
  ['2147483648', undefined],
  ['', undefined],
  ['m3', undefined],
  ['-1', undefined],
  ['1y', undefined],
])('%j is a time of %s s', (text, seconds) => expect(parseSshTime(text)).toBe(seconds));

test('never throws, and every line lies inside the text', () => {
  const parts = fc.constantFrom(
    'Port',
    'Match',
    'Include',
    'all',
    '22',
    ' ',
    '=',
    '"',
    "'",
    '\\',
    '#',
    '\n',
    '\r',
    '\0',
    '\f',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(parts).map((list) => list.join('')),
      ),
      (text) => {
        const { directives, problems } = parseSshdConfig(text);
        for (const { line } of [...directives, ...problems]) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(text.split('\n').length);
        }
      },
    ),
  );
});
