import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readChronyConfiguration, readChronyLines } from '../../src/facts/chrony.ts';
import { imageFrom } from '../../src/testing/image.ts';
import { describeOracle, oracleRoot } from './oracle.ts';

const chronyd = 'usr/sbin/chronyd';

const blank = fc.constantFrom(' ', '  ', '\t', ' \t ');
const words = (list: readonly string[]) =>
  fc
    .tuple(fc.constantFrom('', ' ', '\t'), blank, blank, fc.constantFrom('', ' ', '\r'))
    .map(([start, one, two, end]) => {
      const [name = '', ...args] = list;
      return `${start}${[name, args.join(two)].filter((part) => part !== '').join(one)}${end}`;
    });
const directive = fc
  .constantFrom(
    ['makestep', '1.0', '-1'],
    ['MakeStep', '0.5', '3'],
    ['refclock', 'PHC', '/dev/ptp_hyperv', 'poll', '3', 'dpoll', '-2', 'offset', '0', 'stratum', '2'],
    ['Refclock', 'phc', '/dev/ptp0:nocrossts', 'poll', '2'],
    ['rtcsync'],
    ['RTCSync'],
    ['driftfile', '/var/lib/chrony/drift'],
    ['maxupdateskew', '100.0'],
    ['sourcedir', 'DIR/sources'],
    ['include', 'DIR/one.conf'],
    ['Include', 'DIR/parts/*.conf'],
    ['include', 'DIR/parts/*.none'],
    ['confdir', 'DIR/parts'],
    ['ConfDir', 'DIR/more', 'DIR/parts'],
    ['confdir', 'DIR/none'],
  )
  .chain(words);
const plain = fc
  .constantFrom(['makestep', '2', '2'], ['refclock', 'PHC', '/dev/ptp1'], ['rtcsync'], ['logdir', '/var/log/chrony'])
  .chain(words);
const comment = fc.constantFrom('', '   ', '# makestep 1 1', '  ! refclock PHC /dev/x', ';x', '%rtcsync');
const file = (line: fc.Arbitrary<string>) =>
  fc
    .tuple(
      fc.array(fc.oneof({ weight: 4, arbitrary: line }, { weight: 1, arbitrary: comment }), { maxLength: 7 }),
      fc.constantFrom('\n', ''),
    )
    .map(([lines, end]) => lines.join('\n') + end);
const sample = fc.record({
  main: file(directive),
  'one.conf': file(plain),
  'parts/a.conf': file(plain),
  'parts/b.conf': file(plain),
  'parts/.c.conf': file(plain),
  'parts/d.txt': file(plain),
  'more/b.conf': file(plain),
  'more/z.conf': file(plain),
});

const broken = [
  'makestep 1 3 # why',
  'makestep 1',
  'makestep a 3',
  'makestep 1 x',
  'makestep 1.e1 +3',
  'refclock PHC',
  'include /a /b',
  'makestep 1 3x',
  'makestep .5 -1',
  'makestep . -1',
  'include /nowhere/a.conf',
  'include /nowhere/*.conf',
  'confdir /nowhere',
  'sourcedir /nowhere',
];

const libraries = join(oracleRoot, 'usr/lib/x86_64-linux-gnu');
const command = `${libraries}/ld-linux-x86-64.so.2 --library-path ${libraries} ${join(oracleRoot, chronyd)}`;

/** What `chronyd -p` prints for each file, and whether it accepts it; one shell runs them all. */
function ask(paths: readonly string[]): readonly { readonly accepted: boolean; readonly lines: readonly string[] }[] {
  const script = `while read -r path; do ${command} -p -f "$path" 2>/dev/null; echo "== $?"; done`;
  const { stdout } = spawnSync('/bin/sh', ['-c', script], { input: `${paths.join('\n')}\n`, encoding: 'utf8' });
  const answers = stdout.split(/^== (\d+)\n/m).slice(0, -1);
  return paths.map((_, index) => ({
    accepted: answers[2 * index + 1] === '0',
    lines: (answers[2 * index] ?? '').split('\n').slice(0, -1),
  }));
}

describeOracle('the configuration of chrony', 'chronyd', [chronyd], () => {
  const top = mkdtempSync(join(tmpdir(), 'vhd-preflight-chrony-'));
  afterAll(() => rmSync(top, { recursive: true, force: true }));

  test('lines and their order in 120 generated trees of files', () => {
    const trees = fc.sample(sample, { numRuns: 120, seed: 20260102 }).map((files, index) => {
      const directory = join(top, String(index));
      const tree = Object.entries(files).map(([name, text]) => [
        `${directory}/${name}`,
        text.replaceAll('DIR', directory),
      ]);
      for (const [path = '', text = ''] of tree) {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
      }
      return { main: `${directory}/main`, tree: Object.fromEntries(tree) as Readonly<Record<string, string>> };
    });
    const ours = trees.map(({ main, tree }) => ({
      accepted: true,
      lines: readChronyLines(imageFrom(tree).rootFs, main).map(
        ({ text, value }) => `${/^\S+/.exec(text)?.[0]}${value === '' ? '' : ` ${value}`}`,
      ),
    }));
    expect(ours).toEqual(ask(trees.map(({ main }) => main)));
  }, 120_000);

  test('lines for which chronyd does not start', () => {
    const paths = broken.map((line, index) => {
      const path = join(top, `broken-${index}`);
      writeFileSync(path, `${line}\n`);
      return path;
    });
    const accepted = broken.map((line, index) => {
      const path = paths[index] ?? '';
      return [line, readChronyConfiguration(imageFrom({ [path]: `${line}\n` }).rootFs, path).refused.length === 0];
    });
    expect(accepted).toEqual(ask(paths).map((answer, index) => [broken[index], answer.accepted]));
  });
});
