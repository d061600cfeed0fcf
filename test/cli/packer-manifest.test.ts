import { afterEach, describe, expect, it, test } from '@jest/globals';
import { packerTargets } from '../../src/cli/packer-manifest.ts';
import { runCli, scratchDirectory } from './in-process.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

const build = (name: string, run: string, ...files: readonly string[]) => ({
  name,
  packer_run_uuid: run,
  files: files.map((file) => ({ name: file, size: 1 })),
});

/** What the manifest post-processor has after two runs: it appends. */
const manifest = {
  builds: [
    build('web', 'run-1', 'old/web.vhd'),
    build('web', 'run-2', 'out/web.vhd', 'out/efivars.fd', 'out/web.sha256'),
    build('db', 'run-2', 'out/db.vhd'),
  ],
  last_run_uuid: 'run-2',
};

function directory(text: string): string {
  const { path, remove } = scratchDirectory({ '/manifest.json': text });
  cleanups.push(remove);
  return path;
}

function targets(env: Readonly<Record<string, string>>, text = JSON.stringify(manifest)) {
  return packerTargets('manifest.json', { cwd: directory(text), env });
}

describe('--packer-manifest', () => {
  it('takes the disks of the running build, not what stands beside them or is of other runs', () => {
    expect(targets({ PACKER_RUN_UUID: 'run-2', PACKER_BUILD_NAME: 'web' })).toEqual(['out/web.vhd']);
    expect(targets({ PACKER_RUN_UUID: 'run-1', PACKER_BUILD_NAME: 'web' })).toEqual(['old/web.vhd']);
  });

  it('takes all of the last run outside of Packer', () => {
    expect(targets({})).toEqual(['out/web.vhd', 'out/db.vhd']);
  });

  test.each([
    [
      'another build only',
      JSON.stringify(manifest),
      'lacks the build "cache" of this run (run-2); it has web, db; the manifest must come before the gate in one chain of post-processors',
    ],
    [
      'no build',
      '{}',
      'lacks the build "cache" of this run (run-2); the manifest must come before the gate in one chain of post-processors',
    ],
    ['no disk', JSON.stringify({ builds: [build('cache', 'run-2', 'a.json')] }), 'names no disk, only a.json'],
    ['no JSON', '{', 'not valid JSON: '],
  ])('refuses a manifest with %s', async (_name, text, message) => {
    const env = { PACKER_RUN_UUID: 'run-2', PACKER_BUILD_NAME: 'cache' };
    const run = await runCli(['--packer-manifest=manifest.json'], { cwd: directory(text), env });
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toContain(`vhd-preflight: --packer-manifest: manifest.json: ${message}`);
  });

  it('refuses one that is not there', async () => {
    const run = await runCli(['--packer-manifest=gone.json'], { cwd: directory('{}') });
    expect(run).toEqual({
      code: 2,
      stdout: '',
      stderr: 'vhd-preflight: --packer-manifest: gone.json: does not exist\n',
    });
  });
});
