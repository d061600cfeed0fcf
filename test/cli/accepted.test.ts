import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, test } from '@jest/globals';
import type { Tree } from '../../src/testing/tree.ts';
import { runCli, scratchDirectory } from './in-process.ts';

const defect: Tree = {
  '/image/etc/os-release': 'ID=debian\n',
  '/image/etc/hostname': 'vm\n',
  '/image/etc/many': 'a\nb\n',
};

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

function directory(files: Tree = {}): string {
  const { path, remove } = scratchDirectory({ ...defect, ...files });
  cleanups.push(remove);
  return path;
}

async function runWith(suppressions: string) {
  const cwd = directory({ '/.vhd-preflight.yaml': `suppressions:\n${suppressions}` });
  return runCli(['image', '--quiet'], { cwd });
}

describe('suppressions in the configuration', () => {
  it('take a finding out of the verdict and into the count', async () => {
    const run = await runWith("  - rule: sample/hostname\n    reason: set by the build\n    expires: '2999-12-31'\n");
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain('PASS: 0 errors, 0 warnings, 2 remarks; 1 finding suppressed\n');
  });

  test.each([
    [
      'that have expired',
      "  - rule: sample/hostname\n    reason: r\n    expires: '2020-02-29'\n",
      1,
      'vhd-preflight: .vhd-preflight.yaml:2: suppressions: sample/hostname: this suppression expired on 2020-02-29, so its findings count again\n',
    ],
    [
      'that nothing needs',
      '  - { rule: sample/secret, reason: r }\n',
      1,
      'vhd-preflight: .vhd-preflight.yaml:2: suppressions: sample/secret: nothing needs this suppression any more; remove it\n',
    ],
    ['of other images, which are not here to need them', '  - { rule: sample, image: db-*, reason: r }\n', 1, ''],
    [
      'of no rule',
      '  - { rule: sample/hostnam, reason: r }\n',
      2,
      'vhd-preflight: .vhd-preflight.yaml:2: suppressions: no rule or area is called "sample/hostnam"; did you mean "sample/hostname"?\n',
    ],
    [
      'without a reason',
      '  - rule: sample\n',
      2,
      'vhd-preflight: .vhd-preflight.yaml:2: suppressions.0: expected the key reason: why the finding is accepted\n',
    ],
    [
      'with a key that is misspelt',
      '  - rule: sample\n    reson: r\n',
      2,
      'vhd-preflight: .vhd-preflight.yaml:3: suppressions.0.reson: unknown key; did you mean "reason"?\n',
    ],
    [
      'with a day that does not exist',
      "  - { rule: sample, reason: r, expires: '2026-02-30' }\n",
      2,
      'vhd-preflight: .vhd-preflight.yaml:2: suppressions.0.expires: expected a day, such as 2028-06-30, found "2026-02-30"\n',
    ],
    [
      'that are no list',
      '  rule: sample\n',
      2,
      'vhd-preflight: .vhd-preflight.yaml:1: suppressions: expected a list of entries, such as "- { rule: storage/swap, reason: needed by the database }"\n',
    ],
  ] as const)('%s are told', async (_name, entry, code, stderr) => {
    expect(await runWith(entry)).toMatchObject({ code, stderr });
  });
});

describe('a baseline', () => {
  it('is written, compared with and pruned', async () => {
    const cwd = directory();
    expect((await runCli(['image', '--write-baseline=known.json'], { cwd })).code).toBe(1);
    const written = readFileSync(join(cwd, 'known.json'), 'utf8');
    expect(written.split('\n').filter((line) => line.includes('fingerprint'))).toHaveLength(3);

    const same = await runCli(['image', '--quiet', '--baseline=known.json'], { cwd });
    expect(same.code).toBe(0);
    expect(same.stdout).toContain('3 findings suppressed; against the baseline 0 new, 3 unchanged, 0 fixed');

    writeFileSync(join(cwd, 'image/etc/hostname'), 'other\n');
    const changed = await runCli(['image', '--quiet', '--baseline=known.json', '--prune-baseline'], { cwd });
    expect(changed.code).toBe(1);
    expect(changed.stdout).toContain('against the baseline 1 new, 2 unchanged, 1 fixed');
    const pruned = readFileSync(join(cwd, 'known.json'), 'utf8');
    expect(pruned).not.toContain('hostname');
    expect(pruned.split('\n').filter((line) => line.includes('fingerprint'))).toHaveLength(2);
  });

  it('is the same whatever directory the image is scanned from', async () => {
    const texts = [];
    for (const cwd of [directory(), directory()]) {
      await runCli(['image', '--write-baseline=known.json'], { cwd });
      texts.push(readFileSync(join(cwd, 'known.json'), 'utf8'));
    }
    expect(texts[0]).toBe(texts[1]);
  });

  test.each([
    ['is missing', undefined, 'cannot read the baseline known.json: it does not exist; --write-baseline makes one'],
    ['is no JSON', '{', 'known.json: not valid JSON: '],
    ['is of another version', '{"schemaVersion": 2}', 'known.json: schemaVersion: expected 1'],
    ['has no images', '{"schemaVersion": 1}', 'known.json: images: expected findings by the label of their image'],
    [
      'lacks a fingerprint',
      '{"schemaVersion": 1, "images": {"a": [{"ruleId": "a/b", "message": "m"}]}}',
      'known.json: images.a[0]: expected the texts ruleId, message and fingerprint',
    ],
  ])('that %s is a usage error', async (_name, text, message) => {
    const cwd = directory(text === undefined ? {} : { '/known.json': text });
    const run = await runCli(['image', '--baseline=known.json'], { cwd });
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toContain(`vhd-preflight: ${message}`);
  });

  it('cannot be pruned without a name', async () => {
    const run = await runCli(['image', '--prune-baseline'], { cwd: directory() });
    expect(run).toMatchObject({ code: 2, stderr: 'vhd-preflight: --prune-baseline: name the file by --baseline\n' });
  });
});
