import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';

const top = join(import.meta.dirname, '..', '..');
const bin = join(top, 'bin', 'vhd-preflight.js');
const hasPacker = spawnSync('packer', ['version']).status === 0;
const packerTest = hasPacker ? test.each : test.skip.each;
const name = hasPacker ? 'the real Packer' : 'the real Packer (skipped: packer is not installed)';

const scratch = mkdtempSync(join(tmpdir(), 'packer-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** A root file system as a tar, which Packer takes for an artifact like any other file. */
function imageOf(kind: 'good' | 'bad' | 'none', folder: string): string {
  const image = join(folder, 'image.tar');
  if (kind === 'none') {
    writeFileSync(image, 'no image at all');
    return image;
  }
  const root = join(folder, 'root');
  spawnSync(process.execPath, [join(top, 'scripts', 'fixture.js'), 'debian-12', root]);
  if (kind === 'bad') writeFileSync(join(root, 'etc/cloud/cloud-init.disabled'), '');
  spawnSync('tar', ['--owner=0', '--group=0', '-cf', image, '-C', root, '.']);
  return image;
}

function build(template: string, kind: 'good' | 'bad' | 'none') {
  const folder = mkdtempSync(join(scratch, 'run-'));
  const image = imageOf(kind, folder);
  const variables = { image, preflight: `${process.execPath} ${bin}` };
  const run = spawnSync(
    'packer',
    [
      'build',
      '-color=false',
      ...Object.entries(variables).map(([key, value]) => `-var=${key}=${value}`),
      join(top, 'examples', 'packer', template),
    ],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, CHECKPOINT_DISABLE: '1', HOME: folder } },
  );
  const report = join(folder, 'preflight.json');
  return {
    status: run.status,
    text: `${run.stdout}${run.stderr}`,
    isUploaded: /^\s.*: UPLOAD$/m.test(run.stdout),
    isKept: existsSync(image),
    exitCode: existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).exitCode : undefined,
  };
}

describe(`${name}, with examples/packer`, () => {
  packerTest([
    ['gate.pkr.hcl', 'good', 0, 0],
    ['gate.pkr.hcl', 'bad', 1, 1],
    ['gate.pkr.hcl', 'none', 1, 2],
    ['gate.json', 'good', 0, 0],
    ['gate.json', 'bad', 1, 1],
    ['gate.json', 'none', 1, 2],
  ] as const)(
    '%s: an image that is %s makes Packer end with %d, uploads only what passed and keeps the image',
    (template, kind, status, exitCode) => {
      const run = build(template, kind);
      expect({ ...run, text: run.status === status ? '' : run.text }).toEqual({
        status,
        text: '',
        isUploaded: status === 0,
        isKept: true,
        exitCode,
      });
    },
    60_000,
  );
});
