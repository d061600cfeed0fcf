import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, test } from '@jest/globals';
import AjvModule from 'ajv';
import { load } from 'js-yaml';
import { configSchema } from '../../src/config/schema.ts';
import { starterFile } from '../../src/config/starter-file.ts';
import type { Tree } from '../../src/testing/tree.ts';
import { runCli, scratchDirectory } from './in-process.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

function directory(files: Tree = {}): string {
  const { path, remove } = scratchDirectory({ '/image/etc/os-release': 'ID=debian\n', ...files });
  cleanups.push(remove);
  return path;
}

/** The file with every setting taken for true: prose stands behind one space or three. */
function uncommented(text: string): string {
  return text.replace(/^#(?! \S| {3}\S)/gm, '');
}

describe('init', () => {
  it('writes a file that changes nothing, whose every line can be taken for true', async () => {
    const cwd = directory();
    expect(await runCli(['init'], { cwd })).toEqual({ code: 0, stdout: 'wrote .vhd-preflight.yaml\n', stderr: '' });
    const text = readFileSync(join(cwd, '.vhd-preflight.yaml'), 'utf8');
    for (const line of text.split('\n')) expect(line).toMatch(/^(?:#.*)?$/);
    expect((await runCli(['image', '--quiet'], { cwd })).code).toBe(0);

    const all = uncommented(text);
    const told = directory({
      '/.vhd-preflight.yaml': all
        .replace('storage/swap: warning', 'sample/many: warning')
        .replace('storage, ssh/server', 'sample')
        .replace('rule: storage/swap', 'rule: sample/many')
        .replace(/^skip:.*$/m, ''),
    });
    expect(await runCli(['--print-config'], { cwd: told })).toMatchObject({ code: 0, stderr: '' });
  });

  it('overwrites nothing', async () => {
    const cwd = directory({ '/.vhd-preflight.yaml': 'failOn: never\n' });
    expect(await runCli(['init'], { cwd })).toEqual({
      code: 2,
      stdout: '',
      stderr: 'vhd-preflight: .vhd-preflight.yaml exists already\n',
    });
    expect(readFileSync(join(cwd, '.vhd-preflight.yaml'), 'utf8')).toBe('failOn: never\n');
  });
});

describe('presets', () => {
  async function configOf(text: string, ...argv: readonly string[]) {
    return runCli(['--print-config', ...argv], { cwd: directory({ '/.vhd-preflight.yaml': text }) });
  }

  it('give settings where the file has none, profiles on top of its own', async () => {
    const run = await configOf('extends: preflight:azure-marketplace\nprofiles: [nvme]\nstorage: managed-image\n');
    expect(load(run.stdout)).toEqual({
      imageType: 'generalized',
      storage: 'managed-image',
      profiles: ['marketplace', 'nvme'],
      failOn: 'warning',
    });
  });

  it('can be several, of which the later one wins', async () => {
    const run = await configOf(
      'extends: [preflight:azure-marketplace, preflight:azure-specialized]\n',
      '--fail-on=info',
    );
    expect(load(run.stdout)).toEqual({
      imageType: 'specialized',
      storage: 'managed-disk',
      profiles: ['marketplace'],
      failOn: 'info',
    });
  });

  it('that do not exist are told with line and likely meaning', async () => {
    expect(await configOf('failOn: never\nextends: preflight:azure-market\n')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('.vhd-preflight.yaml:2: extends: expected one of preflight:azure-gallery, '),
    });
  });
});

describe('--print-config', () => {
  it('tells each setting with where it comes from, and is a configuration itself', async () => {
    const cwd = directory({ '/.vhd-preflight.yaml': '# mine\nstorage: gallery\nrules: { other/warning: error }\n' });
    const run = await runCli(['--print-config', '--profile=nvme'], { cwd, env: { VHD_PREFLIGHT_FAIL_ON: 'warning' } });
    expect(run).toEqual({
      code: 0,
      stdout: `# configuration file: .vhd-preflight.yaml
# .vhd-preflight.yaml:2: storage
storage: gallery
# .vhd-preflight.yaml:3: rules
rules:
  other/warning: error
# VHD_PREFLIGHT_FAIL_ON
failOn: warning
# --profile
profiles:
  - nvme
`,
      stderr: '',
    });
  });

  it('says when there is nothing to tell', async () => {
    const run = await runCli(['--print-config', '--no-config'], { cwd: directory() });
    expect(run.stdout).toBe('# no configuration file\n# every setting has its default\n');
  });
});

describe('the JSON Schema of the configuration', () => {
  const validate = new AjvModule.default({ allErrors: true }).compile(configSchema());

  test.each([
    ['nothing', {}, true],
    ['a preset and settings', { extends: 'preflight:azure-marketplace', generation: 2, rules: { 'a/b': 'off' } }, true],
    ['a suppression', { suppressions: [{ rule: 'a/b', reason: 'r', expires: '2030-01-01' }] }, true],
    ['everything that init tells', load(uncommented(starterFile('x'))), true],
    ['a key that does not exist', { imageTyp: 'generalized' }, false],
    ['a value that does not exist', { storage: 'floppy' }, false],
    ['a suppression without a reason', { suppressions: [{ rule: 'a/b' }] }, false],
  ])('judges %s as the program does', (_name, value, isValid) => {
    expect(validate(value)).toBe(isValid);
  });

  it('is the published one', () => {
    const path = join(import.meta.dirname, '..', '..', 'docs', 'config.schema.json');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(configSchema());
  });
});

describe('completion', () => {
  it('is a script that bash takes', async () => {
    const { code, stdout } = await runCli(['completion']);
    expect(code).toBe(0);
    expect(stdout).not.toContain('completion-script');
    const bash = spawnSync('bash', ['-c', `${stdout}\ncomplete -p vhd-preflight`], { encoding: 'utf8' });
    expect(bash).toMatchObject({ status: 0, stdout: expect.stringContaining(' vhd-preflight\n') });
  });

  it('knows commands and flags', async () => {
    const commands = await runCli(['--get-yargs-completions', 'vhd-preflight', 'ex']);
    expect(commands.stdout.split('\n')).toContain('explain');
    const flags = await runCli(['--get-yargs-completions', 'vhd-preflight', 'check', '--fa']);
    expect(flags.stdout).toContain('--fail-on');
  });
});

test.each([
  ['config', 'imageType (--image-type, VHD_PREFLIGHT_IMAGE_TYPE)'],
  ['presets', 'preflight:azure-marketplace: an offer'],
  ['failOn', 'failOn (--fail-on, VHD_PREFLIGHT_FAIL_ON): weakest finding that fails the image'],
  ['suppressions', 'suppressions (file only): findings that are accepted'],
])('explain %s', async (topic, text) => {
  const { code, stdout } = await runCli(['explain', topic], { columns: 200 });
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(text) });
});
