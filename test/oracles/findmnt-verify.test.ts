import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fileSystemTable } from '../../src/facts/file-system-table.ts';
import { mountPlan } from '../../src/facts/mount-plan.ts';
import { imageFrom } from '../../src/testing/image.ts';
import { describeOracle, runProgram } from './oracle.ts';

const findmnt = 'usr/bin/findmnt';

const options = fc.constantFrom(
  'defaults',
  'nofail',
  'defaults,nofail',
  'noauto',
  'ro,noauto,user',
  'nofailx',
  'errors=remount-ro',
  '"nofail"',
  '#comment',
);
const mountPoint = fc.constantFrom('/', '/data', '/srv', '/a\\040b', '/data', 'none', 'relative');
const tail = fc.constantFrom('0 0', '0 2', '', '0', '0 x', '# why', '0 0 # why');
const line = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(mountPoint, fc.constantFrom('ext4', 'xfs', 'auto'), options, tail)
      .map(([target, type, written, end]) => `UUID=NUMBER ${target} ${type} ${written} ${end}`),
  },
  { weight: 1, arbitrary: fc.constantFrom('UUID=NUMBER /data', 'words', '# comment', '', '  # UUID=x /y ext4') },
);

describeOracle('which entries the boot mounts', 'findmnt', [findmnt], () => {
  test('agrees with findmnt --verify on 300 generated lines', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vhd-preflight-verify-'));
    const path = join(folder, 'fstab');
    try {
      // Each source has a number of its own, under which no disk is found.
      const text = fc
        .sample(line, { numRuns: 300, seed: 20260103 })
        .map((written, index) => written.replace('NUMBER', `vhd-preflight-${index}`))
        .join('\n');
      writeFileSync(path, `${text}\n`);
      const { stdout, stderr } = runProgram(findmnt, ['--verify', '--tab-file', path]);
      const image = imageFrom({ '/etc/fstab': `${text}\n` });
      const { rejected } = await image.get(fileSystemTable);
      const { mounts } = await image.get(mountPlan);

      const refused = [...stderr.matchAll(/parse error at line (\d+)/g)].map(([, number]) => Number(number));
      expect(refused.length).toBeGreaterThan(10);
      expect(rejected.map(({ evidence }) => evidence.line)).toEqual(refused);
      const needed = [...stdout.matchAll(/unreachable on boot required source: (UUID=\S+)/g)].map(
        ([, source]) => source,
      );
      expect(needed.length).toBeGreaterThan(50);
      // This findmnt does not know that nofail entries may be missing.
      expect(mounts.filter(({ startsAtBoot }) => startsAtBoot).map(({ device }) => device)).toEqual(needed);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
