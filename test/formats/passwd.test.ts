import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseGroup, parsePasswd, parseShadow } from '../../src/formats/passwd.ts';

describe('passwd', () => {
  test('keeps the fields and the line of each account', () => {
    const text = 'root:x:0:0:root:/root:/bin/bash\n\n# a comment\n  ops:x:1000:100:Ops,,,:/home/ops:\n';
    expect(parsePasswd(text)).toEqual({
      entries: [
        { name: 'root', password: 'x', uid: 0, gid: 0, gecos: 'root', home: '/root', shell: '/bin/bash', line: 1 },
        { name: 'ops', password: 'x', uid: 1000, gid: 100, gecos: 'Ops,,,', home: '/home/ops', shell: '', line: 4 },
      ],
      problems: [],
    });
  });

  test.each([
    ['the last fields may be missing', 'root:x:0:0', 1],
    ['a number is missing', 'root:x:0', 0],
    ['a number is none', 'root:x:zero:0::/root:/bin/sh', 0],
    ['a number does not fit', 'root:x:4294967296:0::/:', 0],
    ['a number is negative', 'root:x:-1:0::/:', 0],
    ['nothing is cut off a shell', 'root:x:0:0::/root:/bin/sh:more', 1],
  ])('%s', (_name, line, accepted) => {
    const { entries, problems } = parsePasswd(line);
    expect([entries.length, problems.length]).toEqual([accepted, 1 - accepted]);
  });

  test.each(['+', '+::::::', '-nobody', '+@admins::0:0:::'])('%s is left to NIS', (line) => {
    expect(parsePasswd(`${line}\n`)).toMatchObject({ entries: [], problems: [{ line: 1 }] });
  });
});

describe('shadow', () => {
  test.each([
    ['root:*LOCK*:14600::::::', '*LOCK*'],
    ['root:$6$a$b:19000:0:99999:7:::', '$6$a$b'],
    ['root::::::::', ''],
    ['root:x:1:2:3', 'x'],
  ])('%s', (line, password) => {
    expect(parseShadow(line).entries).toEqual([{ name: 'root', password, line: 1 }]);
  });

  test.each(['root', 'root:hash', 'root:hash:19000::', 'root:hash:today:0:99999:7:::', 'root:hash:1:2:3:4:5:6:7:8'])(
    '%s is skipped',
    (line) => expect(parseShadow(line)).toMatchObject({ entries: [], problems: [{ line: 1 }] }),
  );
});

describe('group', () => {
  test('splits members at commas and drops empty ones', () => {
    expect(parseGroup('wheel:x:10:alice, bob,,\nempty:x:11\n').entries).toEqual([
      { name: 'wheel', gid: 10, members: ['alice', 'bob'], line: 1 },
      { name: 'empty', gid: 11, members: [], line: 2 },
    ]);
  });
});

const lines = fc.array(fc.string({ unit: fc.constantFrom(':', 'a', '1', '-', '+', '#', ' ', ',', '\r', '\0') }));
test.each([parsePasswd, parseShadow, parseGroup])('%p never throws, and every line lies inside the text', (parse) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        lines.map((rows) => rows.join('\n')),
      ),
      (text) => {
        const { entries, problems } = parse(text);
        for (const { line } of [...entries, ...problems]) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(text.split('\n').length);
        }
      },
    ),
  );
});
