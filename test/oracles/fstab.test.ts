import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseFstab } from '../../src/formats/fstab.ts';
import { describeOracle, runProgram } from './oracle.ts';

const findmnt = 'usr/bin/findmnt';

const field = fc.constantFrom(
  'UUID=1',
  '/dev/sda1',
  'LABEL="a',
  'b"',
  '/mnt',
  '/a\\040b',
  '/c\\011d',
  '\\303\\244',
  '/e\\0x',
  '/f\\',
  'none',
  'swap',
  'ext4',
  'auto',
  'ro',
  'defaults,nofail',
  'x="a,b",c',
  'a\\054b',
  '0',
  '1',
  '2',
  '-1',
  '+1',
  '07',
  '0x1',
  '1a',
  '#',
  '# c',
  '/g#h',
);
const separator = fc.constantFrom(' ', '\t', '  ', ' \t ');
const line = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(fc.tuple(field, separator), { minLength: 1, maxLength: 7 })
      .map((parts) => parts.flat().join('')),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom('UUID=1', 'b#c'),
        fc.constantFrom('/mnt', '/a\\040b'),
        fc.constantFrom('ext4', 'swap'),
        field,
        field,
        field,
      )
      .map((parts) => parts.join(' ')),
  },
  fc.constantFrom('', '# comment', ' \t# comment', '   '),
);
const ending = fc.constantFrom('\n', '\n', '\r\n');
const lines = fc.array(fc.tuple(line, ending), { minLength: 1, maxLength: 5 }).map((parts) => parts.flat().join(''));

interface Entry {
  readonly source: string;
  readonly target: string;
  readonly fstype: string;
  readonly options: string | null;
  readonly freq: number;
  readonly passno: number;
}

describeOracle('fstab against libmount', 'findmnt', [findmnt], () => {
  it('agrees with findmnt on generated tables', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vhd-preflight-fstab-'));
    const file = join(folder, 'fstab');
    try {
      // One file holds every sample: a rejected line does not disturb the others.
      const text = fc.sample(lines, { numRuns: 400, seed: 20260101 }).join('');
      writeFileSync(file, text);
      const columns = 'SOURCE,TARGET,FSTYPE,OPTIONS,FREQ,PASSNO';
      const { stdout } = runProgram(findmnt, ['--fstab', '--tab-file', file, '--list', '--json', '--output', columns]);
      const { filesystems } = JSON.parse(stdout) as { filesystems: readonly Entry[] };
      const { entries } = parseFstab(text);
      expect(entries.length).toBeGreaterThan(100);
      expect(entries.map(({ device, mountPoint, type, dump, pass }) => [device, mountPoint, type, dump, pass])).toEqual(
        filesystems.map(({ source, target, fstype, freq, passno }) => [source, target, fstype, freq, passno]),
      );
      expect(entries.map(({ options }) => options.join(','))).toEqual(filesystems.map(({ options }) => options ?? ''));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
