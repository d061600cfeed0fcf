import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseSudoers } from '../../src/formats/sudoers.ts';

const user = (name: string, negated = false) => ({ name, negated });

describe('grants', () => {
  test.each([
    ['root ALL=(ALL:ALL) ALL', ['root'], ['default']],
    ['alice ALL=(ALL) NOPASSWD:ALL', ['alice'], ['NOPASSWD']],
    [
      '%wheel,#1000 , %#27 ALL = NOPASSWD: /bin/a, /bin/b, PASSWD: /bin/c',
      ['%wheel', '#1000', '%#27'],
      ['NOPASSWD', 'NOPASSWD', 'PASSWD'],
    ],
    ['alice ALL=NOPASSWD: !/bin/su', ['alice'], []],
    ['"a b" ALL=ALL # NOPASSWD: ALL', ['a b'], ['default']],
    ['alice ALL=NOPASSWD: SETENV: sudoedit /etc/hosts', ['alice'], ['NOPASSWD']],
    ['alice \\\n  ALL=\\\n ALL', ['alice'], ['default']],
  ])('%s', (text, users, passwords) => {
    expect(parseSudoers(text)).toEqual({
      statements: [{ kind: 'grant', users: users.map((name) => user(name)), passwords, line: 1 }],
      problems: [],
    });
  });

  test('a tag ends with its host list', () => {
    const { statements } = parseSudoers('alice web=NOPASSWD: ALL : db=ALL');
    expect(statements.map((statement) => 'passwords' in statement && statement.passwords)).toEqual([
      ['NOPASSWD'],
      ['default'],
    ]);
  });

  test('lines are those of the file, across continuations and comments', () => {
    const text = '# a \\\nalice ALL=ALL\nbob \\\n ALL=ALL\n\ncarol ALL=ALL';
    expect(parseSudoers(text).statements.map(({ line }) => line)).toEqual([2, 3, 6]);
  });
});

describe('other statements', () => {
  test.each([
    ['#include /etc/x', 'include', '/etc/x'],
    ['@include local', 'include', 'local'],
    ['#includedir /etc/sudoers.d', 'include-directory', '/etc/sudoers.d'],
    ['  @includedir "/etc/my sudoers.d"', 'include-directory', '/etc/my sudoers.d'],
    ['@includedir /etc/my\\ dir', 'include-directory', '/etc/my dir'],
  ])('%s', (text, kind, path) => expect(parseSudoers(text).statements).toEqual([{ kind, path, line: 1 }]));

  test.each(['#includes are comments', ' #include /etc/x', '#include', '# @include /etc/x'])(
    '%s includes nothing',
    (text) => expect(parseSudoers(text)).toEqual({ statements: [], problems: [] }),
  );

  test('aliases of users', () => {
    expect(parseSudoers('User_Alias A = alice, !bob : B = %ops').statements).toEqual([
      { kind: 'user-alias', name: 'A', members: [user('alice'), user('bob', true)], line: 1 },
      { kind: 'user-alias', name: 'B', members: [user('%ops')], line: 1 },
    ]);
  });

  test('defaults for everybody and for users', () => {
    expect(
      parseSudoers(
        'Defaults !targetpw, secure_path="/bin:/sbin"\nDefaults:alice,bob !authenticate\nDefaults!/bin/ls noexec\n',
      ).statements,
    ).toEqual([
      {
        kind: 'defaults',
        settings: [
          { name: 'targetpw', negated: true },
          { name: 'secure_path', negated: false, value: '/bin:/sbin' },
        ],
        line: 1,
      },
      {
        kind: 'defaults',
        users: [user('alice'), user('bob')],
        settings: [{ name: 'authenticate', negated: true }],
        line: 2,
      },
    ]);
  });

  test.each(['alice', 'alice ALL', 'alice ALL=', '= ALL', 'alice ALL=ALL,', 'User_Alias lower = bob'])(
    '%s is an error',
    (text) => expect(parseSudoers(text)).toMatchObject({ statements: [], problems: [{ line: 1 }] }),
  );
});

test('never throws, and every line lies inside the text', () => {
  const parts = fc.constantFrom(
    'alice',
    'ALL',
    '=',
    ',',
    ':',
    '!',
    '(',
    ')',
    '"',
    '\\',
    '\n',
    '#',
    '@include x',
    'NOPASSWD:',
    'Defaults',
    ' ',
    '%',
    '/bin/a',
    'User_Alias ',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(parts).map((list) => list.join('')),
      ),
      (text) => {
        const { statements, problems } = parseSudoers(text);
        for (const { line } of [...statements, ...problems]) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(text.split('\n').length);
        }
      },
    ),
  );
});

test.each([
  ['escapes in a value', `Defaults a=${'\\x'.repeat(50)} b`],
  ['escapes in a subject', `Defaults:${'\\x'.repeat(50)}" b`],
  ['an open string', `alice ALL="${'a'.repeat(5000)}`],
])('%s cost no more than the text is long', (_name, text) => {
  const start = performance.now();
  parseSudoers(text.repeat(20));
  expect(performance.now() - start).toBeLessThan(500);
});
