import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { runCli, scratchDirectory } from './in-process.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

function directory(): string {
  const { path, remove } = scratchDirectory({
    '/image/etc/os-release': 'ID=debian\n',
    '/image/etc/hostname': 'vm\n',
    '/temp': { dir: true },
  });
  cleanups.push(remove);
  return path;
}

describe('reports of one run', () => {
  it('go to as many files as are asked for, and the exit code stays', async () => {
    const cwd = directory();
    const files = ['sarif', 'junit', 'gitlab', 'markdown', 'json', 'text'];
    const run = await runCli(['image', '--format=github', ...files.map((name) => `--report=${name}=out.${name}`)], {
      cwd,
    });
    expect(run).toMatchObject({ code: 1, stderr: '' });
    expect(run.stdout).toMatch(/^::error title=image%3A sample\/hostname::/);
    for (const name of files) expect(readFileSync(join(cwd, `out.${name}`), 'utf8')).toContain('the host name is vm');
  });

  it('add the whole report to the summary of a GitHub job', async () => {
    const cwd = directory();
    const file = join(cwd, 'summary.md');
    for (const target of ['image', 'image'])
      await runCli([target, '--format=github'], { cwd, env: { GITHUB_STEP_SUMMARY: file } });
    const headings = readFileSync(file, 'utf8').match(/^# ❌ fail: vhd-preflight$/gm);
    expect(headings).toHaveLength(2);
  });

  it('upload the whole report as the summary of an Azure pipeline', async () => {
    const cwd = directory();
    const run = await runCli(['image', '--format=azure'], { cwd, env: { AGENT_TEMPDIRECTORY: join(cwd, 'temp') } });
    const file = join(cwd, 'temp', 'vhd-preflight.md');
    expect(run.stdout.endsWith(`##vso[task.uploadsummary]${file}\n`)).toBe(true);
    expect(readFileSync(file, 'utf8')).toContain('# ❌ fail: vhd-preflight');
  });

  it('stand on a file of the repository when asked', async () => {
    const run = await runCli(['image', '--format=sarif', '--sarif-anchor=web.pkr.hcl'], { cwd: directory() });
    expect(run.stdout.match(/"uri": "web.pkr.hcl"/g)).toHaveLength(1);
  });

  it('have passed results in SARIF only when asked', async () => {
    const cwd = directory();
    const plain = await runCli(['image', '--format=sarif'], { cwd });
    const full = await runCli(['image', '--format=sarif', '--sarif-full'], { cwd });
    expect(plain.stdout).not.toContain('"kind": "pass"');
    expect(full.stdout).toContain('"kind": "pass"');
  });
});
