import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { materialize } from '../../src/testing/materialize.ts';
import { top } from '../kits/kit.ts';

jest.setTimeout(240_000);

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'plugin-')));
const modules = join(scratch, 'node_modules');
const source = join(scratch, 'source');
afterAll(() => rmSync(scratch, { recursive: true }));

function run(program: string, argv: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(program, argv, { cwd, encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** Packs a package as `npm publish` would and unpacks it as `npm install` does, without a registry. */
function install(folder: string, name: string): readonly string[] {
  const packed = run('npm', ['pack', '--json', '--ignore-scripts', `--pack-destination=${scratch}`], folder);
  if (packed.status !== 0) throw new Error(packed.stderr);
  const [{ filename, files } = { filename: '', files: [] }] = JSON.parse(packed.stdout) as {
    filename: string;
    files: { path: string }[];
  }[];
  mkdirSync(join(modules, name));
  const unpacked = run(
    'tar',
    ['-xzf', join(scratch, filename), '--strip-components=1', '-C', join(modules, name)],
    scratch,
  );
  if (unpacked.status !== 0) throw new Error(unpacked.stderr);
  return files.map(({ path }) => path).sort();
}

beforeAll(() => {
  mkdirSync(modules);
  // What the library depends on, and the compiler with Node's types; all but the two packages in question.
  for (const name of readdirSync(join(top, 'node_modules')).filter((entry) => entry !== 'vhd-preflight'))
    symlinkSync(join(top, 'node_modules', name), join(modules, name));
  install(top, 'vhd-preflight');
  cpSync(join(top, 'examples', 'plugin'), source, { recursive: true });
});

describe('the example of a plugin', () => {
  it('passes its own tests against the packed library', () => {
    const { status, stdout } = run(process.execPath, ['--test', '--test-reporter=tap'], source);
    expect({ status, failed: /^# fail (\d+)$/m.exec(stdout)?.[1] }).toEqual({ status: 0, failed: '0' });
    expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThanOrEqual(7);
  });

  it.each([
    ['nodenext', 'nodenext'],
    ['preserve', 'bundler'],
  ])('has the types of the packed library, with module %s and resolution %s', (module, moduleResolution) => {
    const options = {
      module,
      moduleResolution,
      target: 'es2023',
      strict: true,
      allowJs: true,
      checkJs: true,
      noEmit: true,
    };
    const wrong = `import { definePlugin } from 'vhd-preflight';\ndefinePlugin({ apiVersion: 1, name: 2, rules: [] });\n`;
    writeFileSync(join(source, 'wrong.js'), wrong);
    const check = (file: string) => {
      const compilerOptions = { ...options, types: ['node'] };
      writeFileSync(join(source, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }));
      return run(process.execPath, [join(modules, 'typescript', 'bin', 'tsc'), '-p', source], source);
    };
    expect(check('index.js')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(check('wrong.js').stdout).toContain("Type 'number' is not assignable to type 'string'");
  });

  it('is packed with what runs, installed, named in a configuration, and heard', () => {
    const files = install(join(top, 'examples', 'plugin'), 'vhd-preflight-plugin-corp');
    expect(files).toEqual(['facts/trust-anchors.js', 'index.js', 'package.json', 'rules/ca-certificate.js']);
    mkdirSync(join(scratch, 'web'));
    materialize({ '/etc/os-release': 'ID=debian\n', '/usr/lib': { dir: true } }, join(scratch, 'web'));
    writeFileSync(join(scratch, '.vhd-preflight.yaml'), 'plugins: [vhd-preflight-plugin-corp]\nonly: [corp]\n');
    const command = [join(modules, 'vhd-preflight', 'bin', 'vhd-preflight.js'), 'web'];
    const message = 'corp-root-ca is not among the 0 certificates that were added to the trust store';

    const json = run(process.execPath, [...command, '--format', 'json'], scratch);
    expect(json).toMatchObject({ status: 1, stderr: '' });
    const report = JSON.parse(json.stdout) as { images: { results: object[] }[] };
    expect(report.images[0]?.results).toEqual([
      expect.objectContaining({
        ruleId: 'corp/ca-certificate',
        outcome: 'fail',
        docs: 'https://example.com/images/ca-certificate',
        findings: [expect.objectContaining({ message, severity: 'error' })],
      }),
    ]);
    const sarif = run(process.execPath, [...command, '--format', 'sarif'], scratch);
    expect(JSON.parse(sarif.stdout)).toMatchObject({
      runs: [{ results: [{ ruleId: 'corp/ca-certificate', message: { text: message } }] }],
    });
  });
});

describe('new-rule outside of a checkout', () => {
  it('makes a plugin that passes its tests and is taken at once', () => {
    const folder = join(scratch, 'fresh');
    mkdirSync(folder);
    const program = join(modules, 'vhd-preflight', 'bin', 'vhd-preflight.js');
    const first = run(process.execPath, [program, 'new-rule', 'fresh/first-rule'], folder);
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout.split('\n').slice(0, 5)).toEqual(
      ['rules/first-rule.js', 'rules/first-rule.yaml', 'index.js', 'package.json', 'test/rules.test.js'].map(
        (path) => `wrote ${path}`,
      ),
    );
    expect(run(process.execPath, ['--test'], folder).status).toBe(0);
    mkdirSync(join(folder, 'image'));
    materialize({ '/etc/os-release': 'ID=example\n', '/usr/lib': { dir: true } }, join(folder, 'image'));
    const argv = ['image', '--no-config', '--plugin', './index.js', '--only', 'fresh', '--fail-on', 'info', '--quiet'];
    // The plugin lies beside the image, not in it.
    expect(run(process.execPath, [program, ...argv], folder)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('the distribution calls itself example'),
    });
    expect(run(process.execPath, [program, 'new-rule', 'fresh/first-rule'], folder)).toMatchObject({
      status: 2,
      stderr: 'vhd-preflight: rules/first-rule.js exists already\n',
    });
    const second = run(process.execPath, [program, 'new-rule', 'fresh/second'], folder);
    expect(second.stdout).toContain("add it to the rules of index.js (import second from './rules/second.js')");
  });
});
