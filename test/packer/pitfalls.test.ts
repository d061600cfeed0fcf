import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from '@jest/globals';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'packer.md'), 'utf8');
const hasPacker = spawnSync('packer', ['version']).status === 0;
const skipped = hasPacker ? '' : ' (skipped: packer is not installed)';

const scratch = mkdtempSync(join(tmpdir(), 'pitfalls-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** A gate that has found something; it says so as an annotation. */
const command = "sh -c 'echo ::error::found; exit 1'";
const gate = (more = '', run = command): string =>
  `post-processor "shell-local" {\n inline = ["${run}"]\n ${more}\n }\n`;
const upload = 'post-processor "shell-local" {\n inline = ["touch uploaded"]\n }\n';
const manifest = 'post-processor "manifest" {\n output = "manifest.json"\n }\n';
const chain = (...steps: readonly string[]): string => `post-processors {\n${steps.join('')}}\n`;

function template(postProcessors: string): string {
  return `source "file" "vhd" {\n content = "disk"\n target = "disk.vhd"\n }
build {\n sources = ["source.file.vhd"]\n ${postProcessors} }\n`;
}

const flatJson = JSON.stringify({
  builders: [{ type: 'file', name: 'vhd', content: 'disk', target: 'disk.vhd' }],
  'post-processors': [
    { type: 'shell-local', inline: [command] },
    { type: 'shell-local', inline: ['touch uploaded'] },
  ],
});

function build(name: string, text: string, flags: readonly string[] = []) {
  const cwd = mkdtempSync(join(scratch, 'run-'));
  writeFileSync(join(cwd, name), text);
  const { status, stdout, stderr } = spawnSync('packer', ['build', '-color=false', ...flags, name], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, CHECKPOINT_DISABLE: '1', HOME: cwd },
  });
  return {
    text: stdout + stderr,
    outcome: {
      status,
      isUploaded: existsSync(join(cwd, 'uploaded')),
      isKept: existsSync(join(cwd, 'disk.vhd')),
    },
  };
}

const stopped = { status: 1, isUploaded: false };
const open = { isUploaded: true };
const pitfalls: readonly (readonly [string, string, string, readonly string[], object])[] = [
  ['in another `post-processors` block', 'chains.pkr.hcl', template(chain(manifest, gate()) + chain(upload)), [], open],
  ['as a `post-processor` of its own', 'single.pkr.hcl', template(manifest + gate() + upload), [], open],
  ['a flat list', 'flat.json', flatJson, [], open],
  [
    '`valid_exit_codes = [0, 1]`',
    'valid.pkr.hcl',
    template(chain(manifest, gate('valid_exit_codes = [0, 1]'), upload)),
    [],
    { ...open, status: 0 },
  ],
  [
    '\\| tee log',
    'pipe.pkr.hcl',
    template(chain(manifest, gate('', `${command} | tee log`), upload)),
    [],
    { ...open, status: 0 },
  ],
  [
    '`only = ["qemu.typo"]`',
    'only.pkr.hcl',
    template(chain(manifest, gate('only = ["qemu.typo"]'), upload)),
    [],
    { ...open, status: 0 },
  ],
  [
    '`packer build -except=gate`',
    'except.pkr.hcl',
    template(chain(manifest, gate('name = "gate"'), upload)),
    ['-except=gate'],
    { isUploaded: false, status: 0 },
  ],
  [
    'Packer deletes the image',
    'first.pkr.hcl',
    template(chain(gate('keep_input_artifact = true'), upload)),
    [],
    { ...stopped, isKept: false },
  ],
  [
    'A manifest before the gate saves it',
    'manifest.pkr.hcl',
    template(chain(manifest, gate(), upload)),
    [],
    { ...stopped, isKept: true },
  ],
];

describe(`what docs/packer.md says of the real Packer${skipped}`, () => {
  (hasPacker ? test.each : test.skip.each)(pitfalls)(
    '%s',
    (words, name, text, flags, expected) => {
      expect(page).toContain(words);
      const { outcome, text: log } = build(name, text, flags);
      expect({ ...outcome, log }).toMatchObject({ ...expected, log: expect.stringContaining('vhd') });
    },
    60_000,
  );

  (hasPacker ? it : it.skip)(
    'no line of the gate begins as the gate wrote it, and its exit code is lost',
    () => {
      const { text } = build('log.pkr.hcl', template(chain(manifest, gate('', "sh -c 'echo ::error::found; exit 2'"))));
      expect(text).toContain('::error::found');
      expect(text).not.toMatch(/^\s*::error/m);
      expect(build('two.pkr.hcl', template(chain(manifest, gate('', "sh -c 'exit 2'")))).outcome.status).toBe(1);
    },
    60_000,
  );
});
