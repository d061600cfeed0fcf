import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it, test } from '@jest/globals';
import { runCli, scratchDirectory } from './in-process.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

/** Three images; the second has a defect. */
function directory(): string {
  const { path, remove } = scratchDirectory({
    '/one/etc/os-release': 'ID=debian\n',
    '/two/etc/os-release': 'ID=debian\n',
    '/two/etc/hostname': 'vm\n',
    '/three/etc/os-release': 'ID=debian\n',
  });
  cleanups.push(remove);
  return path;
}

describe('several images', () => {
  it('end with one table and the worst exit code', async () => {
    const run = await runCli(['one', 'two', 'three', '--quiet'], { cwd: directory() });
    expect(run.code).toBe(1);
    expect(run.stdout).toContain(
      [
        'image     errors  warnings   remarks undecided  verdict',
        'one            0         0         0         0  PASS',
        'two            1         0         0         0  FAIL',
        'three          0         0         0         0  PASS',
        '',
        'Exit code 1: at least one finding at or above --fail-on',
      ].join('\n'),
    );
  });

  it('are scanned in threads with the results that they have one by one, in their order', () => {
    const cwd = directory();
    const bin = join(import.meta.dirname, '..', '..', 'bin', 'vhd-preflight.js');
    const resultsOf = (jobs: number) => {
      const run = spawnSync(process.execPath, [bin, 'one', 'two', 'three', '--format=json', `--jobs=${jobs}`], {
        cwd,
        encoding: 'utf8',
        maxBuffer: 2 ** 26,
      });
      const report: { readonly images: readonly Readonly<Record<string, unknown>>[] } = JSON.parse(run.stdout);
      return report.images.map(({ stats: _, ...image }) => image);
    };
    const together = resultsOf(2);
    expect(together.map(({ label }) => label)).toEqual(['one', 'two', 'three']);
    expect(together).toEqual(resultsOf(1));
  });

  test.each([
    ['1/2', ['one', 'three']],
    ['2/2', ['two']],
    ['3/3', ['three']],
  ])('are shared out by --shard %s', async (shard, labels) => {
    const run = await runCli(['one', 'two', 'three', '--format=json', `--shard=${shard}`], { cwd: directory() });
    const report: { readonly images: readonly { readonly label: string }[] } = JSON.parse(run.stdout);
    expect(report.images.map(({ label }) => label)).toEqual(labels);
  });

  test.each([
    ['--shard=4/4', '--shard 4/4: has no target, as there are only 3'],
    ['--shard=0/2', '--shard: expected I/N with I from 1 to N, found "0/2"'],
    ['--shard=3/2', '--shard: expected I/N with I from 1 to N, found "3/2"'],
    ['--shard=x', '--shard: expected I/N with I from 1 to N, found "x"'],
    ['--jobs=0', '--jobs: expected a number of threads, found "0"'],
  ])('%s is a usage error', async (flag, message) => {
    const run = await runCli(['one', 'two', 'three', flag], { cwd: directory() });
    expect(run).toEqual({ code: 2, stdout: '', stderr: `vhd-preflight: ${message}\n` });
  });
});
