import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseModprobeConf } from '../../src/formats/modprobe-conf.ts';
import { describeOracle, runProgram } from './oracle.ts';

const name = fc.constantFrom(
  'udf',
  'hv-storvsc',
  'hv_vmbus',
  'pci-hyperv',
  'm[a-z]-x',
  'm[0-9',
  'x]y',
  'udf\r',
  'sr"mod',
);
const blank = fc.constantFrom(' ', '\t', '  ', ' \t ', '\\\n ', ' \\\n');
const rest = fc.constantFrom(
  '',
  '/bin/true',
  '/bin/false # never',
  'debug=1 x="a b"',
  'pre: a-b',
  'hv_utils',
  '\\n',
  '/bin/a\\\n/bin/b',
);
const keyword = fc.constantFrom('blacklist', 'install', 'alias', 'options', 'softdep', 'remove', 'blacklists', '#', '');
const line = fc
  .tuple(fc.constantFrom('', '', ' ', '#', '\t'), keyword, blank, name, blank, rest, fc.constantFrom('', ' ', '\\'))
  .map((parts) => parts.join(''));
// Each file ends with its line: kmod 30 makes the byte 0xFF of a backslash at the very end.
const files = fc.sample(
  fc.array(line, { maxLength: 5 }).map((lines) => `${lines.join('\n')}\n`),
  { numRuns: 400, seed: 3 },
);

/** Lines of `modprobe -c` by keyword, without the options that it adds from the host's command line. */
function list(folder: string): string[] {
  const { stdout } = runProgram('usr/bin/kmod', ['-C', folder, '-c'], { name: 'modprobe' });
  return (stdout.split('\n\n# End of configuration files')[0] ?? '').split('\n');
}

const compared = ['blacklist', 'install', 'alias', 'options'];

describeOracle('files of modprobe.d', 'modprobe', ['usr/bin/kmod'], () => {
  test(`${files.length} generated files say to modprobe what they say to the parser`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'modprobe-'));
    try {
      const own = new Set(list(folder));
      for (const [index, text] of files.entries())
        writeFileSync(join(folder, `${String(index).padStart(4, '0')}.conf`), text);
      const theirs = list(folder).filter((entry) => !own.has(entry));
      const ours = files
        .flatMap((text) => parseModprobeConf(text).directives)
        .map(
          ({ keyword: kind, name: module, rest: raw }) =>
            `${kind} ${module}${kind === 'blacklist' ? '' : ` ${kind === 'options' ? raw.replaceAll('\t', ' ') : raw}`}`,
        );
      for (const kind of compared) {
        const of = (lines: readonly string[]) => lines.filter((entry) => entry.startsWith(`${kind} `));
        expect(of(ours)).toEqual(of(theirs));
        expect(of(ours).length).toBeGreaterThan(20);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
