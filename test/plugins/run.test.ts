import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { materialize } from '../../src/testing/materialize.ts';
import { scratchDirectory } from '../cli/in-process.ts';
import { top } from '../kits/kit.ts';

jest.setTimeout(120_000);

const ruleOf = (
  plugin: string,
  check: string,
) => `import { defineRule, distribution, fail, finding, pass } from 'vhd-preflight';
export default defineRule({
  id: '${plugin}/rule', title: 'It is good', severity: 'error', rationale: 'Else it breaks.', remediation: 'Mend it.',
  references: [], covers: [], lisa: [], needs: ['rootfs'], appliesTo: {}, url: 'https://example.com/rule',
  facts: { distribution },
  check({ distribution }) { ${check} },
});
`;
const pluginOf = (plugin: string, rules: string) => `import { definePlugin } from 'vhd-preflight';
import rule from './${rules}';
export default definePlugin({ apiVersion: 1, name: '${plugin}', rules: [rule] });
`;
const found = `return fail(finding('found ' + distribution.id + '\\u001b[31m', distribution.evidence));`;

const scratch = scratchDirectory({
  '/rule.js': ruleOf('corp', found),
  '/corp.js': pluginOf('corp', 'rule.js'),
  '/again.js': pluginOf('corp', 'rule.js'),
  '/thrower-rule.js': ruleOf('thrower', `throw new Error('no idea');`),
  '/thrower.js': pluginOf('thrower', 'thrower-rule.js'),
  '/broken.js': 'export default {',
  '/failing.js': `throw new Error('not today\\u001b[31m');`,
  '/getter.cjs': `module.exports = { get apiVersion() { throw new Error('not for you'); } };`,
  '/old.cjs': `module.exports = { apiVersion: 0, name: 'old', rules: [] };`,
  '/waiting.js': `await new Promise((resolve) => setTimeout(resolve, 1));\nexport { default } from './corp.js';`,
  '/package.json': '{"type": "module"}',
  '/web/etc/os-release': 'ID=debian\n',
  '/web/usr/lib': { dir: true },
  '/data/etc/os-release': 'ID=ubuntu\n',
  '/data/usr/lib': { dir: true },
  '/settings/config.yaml': 'only: [corp]\nplugins:\n  - ../corp.js\n',
  '/settings/suppressed.yaml':
    'only: [corp]\nplugins: [../corp.js]\nsuppressions:\n  - { rule: corp/rule, reason: a test }\n',
  '/settings/unknown.yaml': 'plugins: [../corp.js]\nrules: { corp/rul: off }\n',
});
afterAll(() => scratch.remove());
mkdirSync(join(scratch.path, 'node_modules'));
symlinkSync(top, join(scratch.path, 'node_modules', 'vhd-preflight'));
mkdirSync(join(scratch.path, 'node_modules', 'esm-only'));
materialize(
  { '/package.json': '{"type": "module", "exports": {"import": "./index.js"}}', '/index.js': 'export default 1;' },
  join(scratch.path, 'node_modules', 'esm-only'),
);

/** The program as it is installed, from the working directory of the plugins. */
function run(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(top, 'bin', 'vhd-preflight.js'), ...argv], {
    cwd: scratch.path,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '' },
  });
  return { status, stdout, stderr };
}

/** Outcome and messages of the plugin's rule, image by image. */
function messagesOf(stdout: string): readonly unknown[] {
  const { images } = JSON.parse(stdout) as {
    images: { results: { ruleId: string; findings: { message: string }[] }[] }[];
  };
  return images.map(({ results }) =>
    results.map(({ ruleId, findings }) => [ruleId, ...findings.map(({ message }) => message)]),
  );
}

const one = [['corp/rule', 'found debian\u001b[31m']];
const other = [['corp/rule', 'found ubuntu\u001b[31m']];

describe('rules of a plugin', () => {
  it.each<[string, string[], readonly unknown[]]>([
    ['a flag names', ['web', '--no-config', '--plugin', './corp.js', '--only', 'corp'], [one]],
    ['the configuration names, from its own folder', ['web', '--config', 'settings/config.yaml'], [one]],
    ['that waits while it loads brings', ['web', '--no-config', '--plugin', './waiting.js', '--only', 'corp'], [one]],
    ['judge in threads, that', ['web', 'data', '--config', 'settings/config.yaml', '--jobs', '2'], [one, other]],
    ['judge in a thread with its time, that', ['web', '--config', 'settings/config.yaml', '--timeout', '60'], [one]],
  ])('%s', (_name, argv, expected) => {
    const { status, stdout, stderr } = run(...argv, '--format', 'json');
    expect({ status, messages: messagesOf(stdout), stderr }).toEqual({ status: 1, messages: expected, stderr: '' });
  });

  it('are listed, explained, and their findings suppressed, escaped and sent to SARIF', () => {
    expect(run('rules', '--plugin', './corp.js').stdout).toMatch(/^error {4}corp\/rule\n {9}It is good$/m);
    expect(run('explain', 'corp/rule', '--plugin', './corp.js').stdout).toContain('https://example.com/rule');
    const suppressed = run('web', '--config', 'settings/suppressed.yaml');
    expect(suppressed).toMatchObject({ status: 0, stderr: '' });
    expect(suppressed.stdout).toContain('1 finding suppressed');
    const text = run('web', '--config', 'settings/config.yaml').stdout;
    expect(text).toContain('found debian');
    expect(text).not.toContain('\u001b');
    expect(run('web', '--config', 'settings/config.yaml', '--format', 'sarif').stdout).toContain(
      '"helpUri": "https://example.com/rule"',
    );
  });

  it('that throw are named, and the image has no verdict', () => {
    const { status, stdout } = run('web', '--no-config', '--plugin', './thrower.js', '--only', 'thrower');
    expect(status).toBe(2);
    expect(stdout).toMatch(/thrower\/rule/);
    expect(stdout).toContain('no idea');
  });
});

describe('a plugin is refused, with exit code 2 and one sentence,', () => {
  it.each<[string, string[], string]>([
    ['when it is not there', ['web', '--plugin', './none.js'], '--plugin: no plugin "./none.js" is found from '],
    ['when it is no package', ['web', '--plugin', 'corp.js'], '; a file is written with ./ in front\n'],
    ['when it is no program', ['web', '--plugin', './broken.js'], 'broken.js cannot be loaded: '],
    [
      'when it throws as it is looked at',
      ['web', '--plugin', './getter.cjs'],
      'getter.cjs cannot be loaded: not for you\n',
    ],
    ['when it is a module of Node', ['web', '--plugin', 'fs'], 'no plugin "fs" is found from '],
    [
      'when its package has no default entry',
      ['web', '--plugin', 'esm-only'],
      'the package "esm-only" has no default entry in "exports" of its package.json\n',
    ],
    ['when it throws', ['web', '--plugin', './failing.js'], 'failing.js cannot be loaded: not today'],
    ['when it is of another version', ['web', '--plugin', './old.cjs'], 'the plugin version 0; upgrade the plugin\n'],
    ['when it is none', ['web', '--plugin', './rule.js'], 'the plugin states no apiVersion\n'],
    [
      'when two have a name',
      ['web', '--plugin', './corp.js', '--plugin', './again.js'],
      'again.js: another plugin has the name "corp", too\n',
    ],
    [
      'when the image brings it',
      ['.', '--plugin', './corp.js'],
      'corp.js lies in the image that is scanned, of which nothing is run\n',
    ],
    [
      'when settings name a rule that it lacks',
      ['web', '--config', 'settings/unknown.yaml'],
      'settings/unknown.yaml:2: rules: no rule is called "corp/rul"; did you mean "corp/rule"?\n',
    ],
  ])('%s', (_name, argv, complaint) => {
    const { status, stdout, stderr } = run(...argv);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(complaint);
    expect(stderr).toMatch(/^vhd-preflight: [^\u001b]*\n$/);
    expect(stderr).not.toContain('    at ');
  });

  it('when a link leads into the image', () => {
    materialize({ '/evil.js': 'export default 1;' }, join(scratch.path, 'data'));
    symlinkSync('data/evil.js', join(scratch.path, 'looks-good.js'));
    const { status, stderr } = run('data', '--plugin', './looks-good.js');
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining('lies in the image that is scanned'),
    });
  });
});
