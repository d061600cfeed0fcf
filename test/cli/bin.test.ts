import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, jest, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { formats } from '../../src/reports/index.ts';
import { materialize } from '../../src/testing/materialize.ts';
import { readBaseTree } from '../../src/testing/rule-cases.ts';

const top = join(import.meta.dirname, '..', '..');
const bin = join(top, 'bin', 'vhd-preflight.js');
const built = join(top, 'dist', 'cli.cjs');
// Starting a program takes a while on a busy machine.
jest.setTimeout(60_000);

const scratch = mkdtempSync(join(tmpdir(), 'bin-'));
const image = join(scratch, 'image');
afterAll(() => rmSync(scratch, { recursive: true }));

beforeAll(() => {
  if (!existsSync(built)) throw new Error('these tests run the built program; run "npm run build" first');
  mkdirSync(image);
  materialize(readBaseTree(join(top, 'fixtures', 'roots'), '../demo/half-generalized'), image);
});

function run(argv: readonly string[], cwd = scratch) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...argv], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  return { status, stdout, stderr };
}

describe('bin/vhd-preflight.js', () => {
  test.each([
    [['--version'], 0],
    [['--help'], 0],
    [['image', '--fail-on=never', '--allow-unknown'], 0],
    [['image'], 1],
    [['image', '--no-such-flag'], 2],
    [['nowhere'], 2],
    [['inspect', 'image'], 0],
    [['explain', 'cloud-init/switch'], 0],
    [['rules'], 0],
  ])('%j exits with %i', (argv, code) => {
    expect(run(argv).status).toBe(code);
  });

  it('expands a pattern also when its own code comes from the cache of an earlier run', () => {
    run(['image']);
    expect(run(['ima*', '--fail-on=never'])).toMatchObject({ status: 0, stderr: '' });
  });

  it('judges a half-generalized image by the real rules', () => {
    const { stdout, stderr } = run(['image']);
    expect(stderr).toBe('');
    expect(stdout).toContain('waagent waits 30 minutes for a cloud-init that will not run');
    expect(stdout).toContain('  error  cloud-init/switch\n    the file cloud-init.disabled switches cloud-init off\n');
    expect(stdout).toContain('      /etc/hostname:1  build-agent-7\n');
  });

  it('reports as the published schema says', () => {
    const schema: unknown = JSON.parse(readFileSync(join(top, 'docs', 'report.schema.json'), 'utf8'));
    const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true, formats: { date: true } }).compile(
      Object(schema),
    );
    validate(JSON.parse(run(['image', 'nowhere', '--format=json']).stdout));
    expect(validate.errors).toBeNull();
  });

  it('ends a scan whose time is up, and only then', () => {
    expect(run(['image', '--timeout=60', '--quiet']).status).toBe(1);
    const late = run(['image', '--timeout=0.001']);
    expect(late.status).toBe(2);
    expect(late.stderr).toBe('vhd-preflight: image: the scan did not end within 0.001 s (--timeout)\n');
  });

  it('does not end before a slow reader has all', () => {
    const unblock = 'import fcntl, os; fcntl.fcntl(1, fcntl.F_SETFL, os.O_NONBLOCK)';
    const pipeline = `(python3 -c '${unblock}'; "${process.execPath}" "${bin}" rules --format=json) | (sleep 1; cat)`;
    const { stdout } = spawnSync('bash', ['-c', pipeline], { encoding: 'utf8', maxBuffer: 2 ** 26 });
    expect(stdout.length).toBeGreaterThan(2 ** 17);
    expect(stdout).toBe(run(['rules', '--format=json']).stdout);
  });

  it('reads a compressed file system of a disk', () => {
    const images = join(top, 'fixtures', 'images');
    writeFileSync(join(scratch, 'disk.img'), gunzipSync(readFileSync(join(images, 'btrfs-zstd.img.gz'))));
    const { stdout, stderr } = run(['ls', 'disk.img', '--volume=disk', '--recursive', '--hash', '--format=json']);
    expect(stderr).toBe('');
    const hashes = stdout.matchAll(/"path":"(.*?)".*"sha256":"(.*?)"/g);
    // The default subvolume.
    const lines = Array.from(hashes, ([, path, hash]) => `${hash}  ./@/.snapshots/1/snapshot${path}`);
    const known = readFileSync(join(images, 'btrfs.sha256'), 'utf8').trim().split('\n');
    expect(lines.length).toBeGreaterThan(60);
    expect(lines.filter((line) => !known.includes(line))).toEqual([]);
  });

  test.each(formats)('reports as %s', (format) => {
    const { status, stdout, stderr } = run(['image', `--format=${format}`]);
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout).toContain('cloud-init/switch');
  });

  it('says what to do when it was not built', () => {
    const copy = join(scratch, 'unbuilt', 'bin', 'vhd-preflight.js');
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(bin, copy);
    for (const name of ['load.js', 'package.json']) copyFileSync(join(top, 'bin', name), join(dirname(copy), name));
    writeFileSync(join(scratch, 'unbuilt', 'package.json'), '{"type": "module"}');
    const { status, stdout, stderr } = spawnSync(process.execPath, [copy, 'image'], { encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: 'vhd-preflight: dist/cli.cjs is missing; run "npm ci" or "npm run build" in this directory first\n',
    });
  });
});

/** The program with one rule that finds so much that the JSON report is larger than 5 MB. */
const talkative = `
  import loader from ${JSON.stringify(join(top, 'bin', 'load.js'))};
  const { main, processIo } = loader.load();
  const texts = { title: 't', rationale: 'r', remediation: 'r', references: [], covers: [], lisa: [], needs: [], appliesTo: {} };
  const findings = Array.from({ length: 10000 }, (_, line) => ({ message: 'x'.repeat(400), evidence: [{ path: '/x', line: line + 1 }] }));
  const rule = { id: 'a/b', ...texts, severity: 'error', facts: {}, check: () => ({ outcome: 'fail', findings }) };
  process.exitCode = await main([${JSON.stringify(image)}, '--format=json'], { ...processIo(process), rules: [rule] });
`;

describe('a large report through a pipe', () => {
  const script = join(scratch, 'talkative.mjs');
  beforeAll(() => writeFileSync(script, talkative));

  it('arrives complete', () => {
    const { status, stdout } = spawnSync(process.execPath, [script], { encoding: 'utf8', maxBuffer: 2 ** 26 });
    expect(status).toBe(1);
    expect(stdout.length).toBeGreaterThan(5_000_000);
    expect(JSON.parse(stdout)).toMatchObject({ images: [{ counts: { error: 10000 } }] });
  });

  it('is silent about a reader that has seen enough', () => {
    const pipeline = `"${process.execPath}" "${script}" | head -c 10; echo " \${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', pipeline], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: '{\n  "schem 1\n', stderr: '' });
  });

  it('arrives complete through a pipe that another process made non-blocking', () => {
    const unblock = 'import fcntl, os; fcntl.fcntl(1, fcntl.F_SETFL, os.O_NONBLOCK)';
    const pipeline = `(python3 -c '${unblock}'; "${process.execPath}" "${script}") | (sleep 1; cat)`;
    const { stdout, stderr } = spawnSync('bash', ['-c', pipeline], { encoding: 'utf8', maxBuffer: 2 ** 26 });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ images: [{ counts: { error: 10000 } }] });
  });

  it('says why it could not be written', () => {
    const { status, stderr } = spawnSync('bash', ['-c', `"${process.execPath}" "${script}" > /dev/full`], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'vhd-preflight: cannot write to standard output: ENOSPC\n',
    });
  });

  it('can be interrupted', async () => {
    const child: ChildProcess = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const signal = await new Promise((resolve) => {
      child.once('exit', (_code, by) => resolve(by));
      // The pipe is never emptied: the first bytes say that the report is under way.
      child.stdout?.once('readable', () => child.kill('SIGINT'));
    });
    expect(signal).toBe('SIGINT');
  });
});
