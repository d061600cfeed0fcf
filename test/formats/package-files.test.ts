import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { parseAptList, parseAptStanzas } from '../../src/formats/apt-sources.ts';
import { compareDebVersions, parseDebVersion } from '../../src/formats/deb-version.ts';
import { compareDottedVersions, isVersionOf } from '../../src/formats/dotted-version.ts';
import { parseDpkgStatus } from '../../src/formats/dpkg-status.ts';
import { describeEntry, standingOf } from '../../src/formats/release-list.ts';
import { parseRepoFile } from '../../src/formats/repo-file.ts';
import { compareRpmVersions, parseRpmVersion } from '../../src/formats/rpm-version.ts';

describe('dpkg-status', () => {
  const status = `Package: waagent
Status: install ok installed
Architecture: amd64
Version: 2.7.3.0-3+deb12u1
Conffiles:
 /etc/waagent.conf d9b4b4dc8cd0
 /etc/old.conf 92a5bf4f2e6a obsolete
Description: Azure Linux Agent
 Version: 9 is not a field here
 .

Package: omi
Status: deinstall ok config-files
Version: 1.6.4.1
`;

  it('has packages with versions, states, configuration files and lines', () => {
    expect(parseDpkgStatus(status)).toEqual({
      packages: [
        {
          name: 'waagent',
          version: '2.7.3.0-3+deb12u1',
          versionLine: 4,
          architecture: 'amd64',
          state: 'installed',
          configurationFiles: ['/etc/waagent.conf'],
          line: 1,
        },
        {
          name: 'omi',
          version: '1.6.4.1',
          versionLine: 14,
          state: 'config-files',
          configurationFiles: [],
          line: 12,
        },
      ],
      problems: [],
    });
  });

  it('takes the last stanza of a package, and names lines that are no stanza', () => {
    const { packages, problems } = parseDpkgStatus(
      ' lost\nPackage: a\nVersion: 1\nnonsense\n more\n\nPackage: a\n\nStatus: x\n',
    );
    expect(packages).toEqual([{ name: 'a', state: 'not-installed', configurationFiles: [], line: 7 }]);
    expect(problems).toEqual([
      { line: 1, message: 'a line goes on with a field that did not begin' },
      { line: 4, message: 'a line is neither a field nor the rest of one' },
      { line: 5, message: 'a line goes on with a field that did not begin' },
      { line: 9, message: 'a stanza names no package' },
    ]);
  });
});

describe('versions', () => {
  test.each([
    ['1:2.7.3-1+deb12u1', { epoch: 1, upstream: '2.7.3', revision: '1+deb12u1' }],
    ['2.7-3-1', { epoch: 0, upstream: '2.7-3', revision: '1' }],
    ['20250101', { epoch: 0, upstream: '20250101', revision: '' }],
  ])('of Debian: %s', (text, parts) => expect(parseDebVersion(text)).toEqual(parts));

  test.each([
    ['1:3.2.2-6.el9_5', { epoch: 1, version: '3.2.2', release: '6.el9_5' }],
    ['24.4', { epoch: 0, version: '24.4', release: '' }],
    ['a:1', { epoch: 0, version: 'a:1', release: '' }],
  ])('of rpm: %s', (text, parts) => expect(parseRpmVersion(text)).toEqual(parts));

  test.each([
    ['1.0~rc1', '1.0', -1],
    ['1.0', '1.0a', -1],
    ['1.0+b', '1.0a', 1],
    ['1.9', '1.10', -1],
    ['1.0-1', '1.0', 1],
    ['1:0.1', '2', 1],
    ['1.002', '1.2', 0],
  ])('Debian: %s to %s is %d', (left, right, order) => {
    expect(Math.sign(compareDebVersions(left, right))).toBe(order);
    expect(Math.sign(compareDebVersions(right, left)) + order).toBe(0);
  });

  test.each([
    ['1.0~rc1', '1.0', -1],
    ['1.0^git1', '1.0', 1],
    ['1.0^git1', '1.0.1', -1],
    ['1.a', '1.1', -1],
    ['1.9', '1.10', -1],
    ['1_0', '1.0', 0],
    ['1.0-1', '1.0-2', -1],
    ['1', '0:1-1a', -1],
    ['1:0.1', '2', 1],
  ])('rpm: %s to %s is %d', (left, right, order) => {
    expect(Math.sign(compareRpmVersions(left, right))).toBe(order);
    expect(Math.sign(compareRpmVersions(right, left)) + order).toBe(0);
  });

  test.each([
    ['2.2.53', '2.2.53.1', -1],
    ['2.11', '2.2.53.1', 1],
    ['2.2.53.1', '2.2.53.1', 0],
    ['1.1.1k', '1.1.1', 0],
    ['15', '15.0', 0],
    ['x', '0', 0],
  ])('by numbers: %s to %s is %d', (left, right, order) => {
    expect(Math.sign(compareDottedVersions(left, right))).toBe(order);
  });

  test('9.5 is of 9, 95 is not', () => {
    expect([isVersionOf('9.5', '9'), isVersionOf('9', '9'), isVersionOf('95', '9')]).toEqual([true, true, false]);
  });

  test.each([
    ['of Debian', compareDebVersions],
    ['of rpm', compareRpmVersions],
    ['by numbers', compareDottedVersions],
  ])('%s are ordered whatever they hold', (_name, compare) => {
    const version = fc.string({ unit: fc.constantFrom(...'019.~^-+:aZé\n'), maxLength: 8 });
    fc.assert(
      fc.property(version, version, (left, right) => {
        expect(compare(left, left)).toBe(0);
        expect(Math.sign(compare(left, right)) + Math.sign(compare(right, left))).toBe(0);
      }),
    );
  });
});

describe('release lists', () => {
  const rhel = ['7.9', '8.6+', '9'];
  const ubuntu = ['18.04..22.04', '>=24.04'];
  test.each([
    ['7.9', rhel, 'listed'],
    ['7.8', rhel, 'older'],
    ['8.10', rhel, 'listed'],
    ['8.5', rhel, 'older'],
    ['9.7', rhel, 'listed'],
    ['10.0', rhel, 'newer'],
    ['6.10', rhel, 'older'],
    ['7', rhel, 'listed'],
    ['20.04', ubuntu, 'listed'],
    ['22.04.5', ubuntu, 'listed'],
    ['23.10', ubuntu, 'newer'],
    ['26.04', ubuntu, 'listed'],
    ['16.04', ubuntu, 'older'],
  ])('%s in %j is %s', (version, list, standing) => expect(standingOf(version, list)).toBe(standing));

  test('entries are told in words', () => {
    expect([...rhel, ...ubuntu].map(describeEntry)).toEqual([
      '7.9',
      '8.6 and later 8.x',
      '9',
      '18.04 to 22.04',
      '24.04 and later',
    ]);
  });
});

describe('apt sources', () => {
  it('on one line', () => {
    const text = `# comment
deb [arch=amd64 signed-by=/k.gpg] http://a/ubuntu jammy main universe # more
deb-src http://a/ubuntu jammy main
deb http://a/ubuntu
`;
    expect(parseAptList(text)).toEqual({
      sources: [{ uri: 'http://a/ubuntu', suite: 'jammy', components: ['main', 'universe'], line: 2 }],
      problems: [{ line: 4, message: 'the line is no source of apt' }],
    });
  });

  it('as stanzas', () => {
    const text = `Types: deb deb-src
URIs: http://a
# between
 http://b
Suites: x
Components: main

Enabled: no
Types: deb
URIs: http://c
Suites: y
`;
    expect(parseAptStanzas(text).sources.map(({ uri, suite, line }) => `${uri} ${suite} ${line}`)).toEqual([
      'http://a x 2',
      'http://b x 2',
    ]);
  });
});

test('repository files have sections with values, and are enabled unless told', () => {
  const text = `# top
[base]
name = Base
baseurl=http://a
        http://b
; comment
[off]
enabled: False
[main]
http_caching=packages
`;
  expect(
    parseRepoFile(text).map(({ id, enabled, line, values }) => ({ id, enabled, line, values: [...values] })),
  ).toEqual([
    {
      id: 'base',
      enabled: true,
      line: 2,
      values: [
        ['name', 'Base'],
        ['baseurl', 'http://a\nhttp://b'],
      ],
    },
    { id: 'off', enabled: false, line: 7, values: [['enabled', 'False']] },
    { id: 'main', enabled: true, line: 9, values: [['http_caching', 'packages']] },
  ]);
});

test('nothing throws on any text, and every line lies inside it', () => {
  const piece = fc.constantFrom(
    'Package',
    ': ',
    ':',
    '\n',
    '\n\n',
    ' ',
    'deb ',
    'URIs: a',
    '[',
    ']',
    'x=1',
    '#',
    '\t',
    'é',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(text, (content) => {
      const { packages, problems } = parseDpkgStatus(content);
      const list = parseAptList(content);
      const stanzas = parseAptStanzas(content);
      const found = [
        ...packages,
        ...problems,
        ...list.sources,
        ...list.problems,
        ...stanzas.sources,
        ...stanzas.problems,
      ];
      const last = content.split('\n').length;
      for (const { line } of [...found, ...parseRepoFile(content)]) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(last);
      }
    }),
  );
});
