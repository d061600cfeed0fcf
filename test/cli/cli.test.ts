import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from '@jest/globals';
import { load } from 'js-yaml';
import { wantsColour } from '../../src/cli/colour.ts';
import { combine, exitCodes } from '../../src/cli/exit-code.ts';
import type { Rule } from '../../src/rule-api.ts';
import { describeResult, readRuleCases, runRuleCase } from '../../src/testing/rule-cases.ts';
import type { Tree } from '../../src/testing/tree.ts';
import { version } from '../../src/version.ts';
import { image } from '../reports/sample-report.ts';
import { runCli, scratchDirectory } from './in-process.ts';
import { sampleRules } from './sample-rules.ts';

const top = join(import.meta.dirname, '..', '..');

interface Scenario {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Tree;
  readonly code: number;
  /** The whole text, or parts of it. */
  readonly stdout: string | readonly string[];
  readonly stderr: string | readonly string[];
}

function scenariosOf(name: string) {
  const text = readFileSync(join(top, 'fixtures', 'scenarios', `${name}.yaml`), 'utf8');
  // The files are part of this suite; a wrong shape fails the scenario.
  const { scenarios } = load(text) as { readonly scenarios: readonly Scenario[] };
  return scenarios.map((scenario) => [scenario.name, scenario] as const);
}

const cleanups: (() => void)[] = [];
afterAll(() => {
  for (const clean of cleanups) clean();
});

function workingDirectory(files: Tree = {}): string {
  const { path, remove } = scratchDirectory(files);
  cleanups.push(remove);
  return path;
}

function expectText(actual: string, expected: string | readonly string[]) {
  if (typeof expected === 'string') expect(actual).toBe(expected);
  else for (const part of expected) expect(actual).toContain(part);
}

describe.each(['check', 'usage'])('fixtures/scenarios/%s', (file) => {
  test.each(scenariosOf(file))('%s', async (_name, scenario) => {
    const cwd = workingDirectory(scenario.files);
    const run = await runCli(scenario.argv, { cwd, ...(scenario.env && { env: scenario.env }) });
    expectText(run.stderr, scenario.stderr);
    expectText(run.stdout, scenario.stdout);
    expect(run.code).toBe(scenario.code);
  });
});

const linux = { '/image/etc/os-release': 'ID=debian\n' } as const;

describe('reports', () => {
  const cwd = workingDirectory({ ...linux, '/image/etc/hostname': 'vm\n' });
  const read = (name: string) => readFileSync(join(cwd, name), 'utf8');

  it('gives the same code and report on standard output and in a file', async () => {
    const shown = await runCli(['image', '--format', 'json'], { cwd });
    const written = await runCli(['image', '--format', 'json', '--output', 'report.json'], { cwd });
    expect([shown.code, written.code]).toEqual([1, 1]);
    expect(written.stdout).toBe('');
    const stable = (json: string) => json.replace(/"durationMs": \d+/, '');
    expect(stable(read('report.json'))).toBe(stable(shown.stdout));
  });

  it('writes several from one run', async () => {
    const run = await runCli(['image', '--report', 'json=a.json', '--report=text=b.txt'], { cwd, tty: true });
    expect(run.code).toBe(1);
    expect(run.stdout).toContain('\u001b[31m');
    expect(JSON.parse(read('a.json'))).toMatchObject({ verdict: 'fail', exitCode: 1, images: [{ label: 'image' }] });
    expect(read('b.txt')).not.toContain('\u001b');
  });

  it('is the same every time, and names no path of this machine but the target', async () => {
    const runs = [await runCli(['image', '--format=json'], { cwd }), await runCli(['image', '--format=json'], { cwd })];
    const [first, second] = runs.map(({ stdout }) => stdout.replace(/"stats": \{[^}]*\}/, ''));
    expect(first).toBe(second);
    expect(first).not.toContain(cwd);
  });

  it('says in JSON what could not be scanned', async () => {
    const { stdout } = await runCli(['nowhere', '--format=json'], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'undecided',
      exitCode: 2,
      images: [],
      unscanned: [{ target: 'nowhere', message: 'nowhere: no such file or directory' }],
    });
  });

  test.each([
    [{ tty: true, columns: 40 }, 40],
    [{ tty: true, columns: 300 }, 120],
    [{ tty: true, columns: 0 }, 100],
  ])('fits the terminal: %j', async (terminal, width) => {
    const { stdout } = await runCli(['image', '--no-color'], { cwd, ...terminal });
    const longest = Math.max(...stdout.split('\n').map((line) => line.length));
    expect(longest).toBeLessThanOrEqual(width);
    expect(longest).toBeGreaterThan(width * 0.6);
  });
});

describe('a hostile image', () => {
  const hostile = [
    '::error::x',
    '  ::set-output name=a::b',
    '##vso[task.setvariable variable=a]b',
    '##[command]x',
    '\u001b]0;title\u0007\u001b[2J',
    'a\u202eb\u200bc\r',
  ].join('\n');
  const cwd = workingDirectory({
    ...linux,
    '/image/etc/os-release': `ID=debian\nPRETTY_NAME="##[group]\u001b[31m"\n`,
    '/image/etc/hostname': hostile,
    '/image/etc/many': hostile,
    '/image/etc/crash': hostile,
    '/::error::y/etc/os-release': 'ID=debian\n',
    '/::error::y/etc/hostname': '::error::x',
  });

  test.each([
    ['text', ['image', '::error::y', '##[x']],
    ['text, quiet', ['image', '::error::y', '##[x', '--quiet']],
    ['text, verbose', ['image', '::error::y', '##[x', '--verbose']],
    ['json', ['image', '::error::y', '##[x', '--format=json']],
    ['an inspection', ['inspect', 'image']],
    ['an inspection as JSON', ['inspect', 'image', '--format=json']],
    ['a usage error', ['image', '--only', '::error::x\n::error::y']],
  ])('cannot speak to the terminal or a CI runner: %s', async (_name, argv) => {
    const { stdout, stderr } = await runCli(argv, { cwd, columns: 40 });
    for (const line of `${stdout}${stderr}`.split('\n')) {
      expect(line).not.toMatch(/^\s*::|##\[|##vso\[/i);
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]/);
    }
  });

  it('cannot show a file of the host by an absolute link', async () => {
    const decoy = workingDirectory({ '/os-release': 'ID=host\nPRETTY_NAME="the host itself"\n' });
    const outside = workingDirectory({
      '/image/etc/os-release': { link: join(decoy, 'os-release') },
      '/image/usr/x': '',
      '/inside/etc/os-release': { link: '/usr/lib/os-release' },
      '/inside/usr/lib/os-release': 'ID=debian\nPRETTY_NAME="the image"\n',
    });
    const shown = await runCli(['inspect', 'image'], { cwd: outside });
    expect(shown.stdout).not.toContain('the host itself');
    expect((await runCli(['inspect', 'inside'], { cwd: outside })).stdout).toContain('the image');
  });
});

describe('exit codes', () => {
  const ranked = {
    pass: image({ verdict: 'pass' }),
    fail: image({ verdict: 'fail' }),
    undecided: image({ verdict: 'undecided' }),
  };
  const crashed = image({ verdict: 'undecided', internalErrors: [{ ruleId: 'a/b', message: 'x' }] });
  test.each([
    [[], 0, 'pass'],
    [[ranked.pass], 0, 'pass'],
    [[ranked.pass, ranked.undecided], 0, 'undecided'],
    [[ranked.undecided, ranked.fail], 0, 'fail'],
    [[ranked.fail], 1, 'undecided'],
    [[ranked.pass], 1, 'undecided'],
    [[ranked.fail, crashed], 0, 'undecided'],
  ] as const)('combine images', (images, unscanned, verdict) => {
    expect(combine(images, unscanned)).toBe(verdict);
  });

  it('stand in the help and in explain, as the table has them', async () => {
    const help = (await runCli(['--help'])).stdout.replace(/\s+/g, ' ');
    const explained = (await runCli(['explain', 'exit-codes'])).stdout.replace(/\s+/g, ' ');
    for (const { code, meaning } of Object.values(exitCodes)) {
      expect(help).toContain(`${code} ${meaning}`);
      expect(explained).toContain(`${code}: ${meaning}`);
    }
  });
});

describe('colour', () => {
  const stream = (isTTY: boolean) => ({ write: () => {}, isTTY });
  test.each([
    [false, {}, true, true],
    [false, {}, false, false],
    [true, { FORCE_COLOR: '1' }, true, false],
    [false, { FORCE_COLOR: '1', NO_COLOR: '1', TERM: 'dumb' }, false, true],
    [false, { FORCE_COLOR: '0' }, true, false],
    [false, { NO_COLOR: '1' }, true, false],
    [false, { NO_COLOR: '' }, true, true],
    [false, { TERM: 'dumb' }, true, false],
  ])('flag %j, environment %j, terminal %j → %j', (flag, env, isTTY, expected) => {
    expect(wantsColour(flag, env, stream(isTTY))).toBe(expected);
  });
});

describe('rules and explain', () => {
  it('lists rules for people', async () => {
    const { stdout, code } = await runCli(['rules']);
    expect(code).toBe(0);
    expect(stdout).toContain('error    sample/crash\n         The sample does not crash\n');
    expect(stdout).toContain('warning  other/warning  (warning, error with profile marketplace)');
    expect(stdout).toContain('5 rules; more about one: vhd-preflight explain RULE\n');
  });

  it('lists rules for programs', async () => {
    const list: unknown = JSON.parse((await runCli(['rules', '--format', 'json'])).stdout);
    expect(list).toContainEqual({
      id: 'sample/hostname',
      title: 'The host name is empty',
      severity: { base: 'error', marketplace: 'error' },
      rationale: 'Something breaks on the first boot otherwise.',
      remediation: 'Put it right.',
      fix: [': > /etc/hostname'],
      references: ['https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic'],
      covers: [],
      lisa: [],
      needs: ['rootfs'],
      appliesTo: {},
      docs: 'docs/rules/sample/hostname.md',
      facts: [{ id: 'sample//etc/hostname', description: 'The text of /etc/hostname.', reads: ['/etc/hostname'] }],
    });
  });

  it('writes pages, finds them unchanged, and tells what is missing, outdated or surplus', async () => {
    const cwd = workingDirectory({ '/docs/sample/hostname.md': 'old', '/docs/sample/gone.md': 'x' });
    const before = await runCli(['rules', '--check', 'docs'], { cwd });
    expect(before.code).toBe(1);
    expect(before.stderr).toContain('docs/README.md: is missing\n');
    expect(before.stderr).toContain('docs/sample/hostname.md: is out of date\n');
    expect(before.stderr).toContain('docs/sample/gone.md: belongs to no rule\n');
    const writing = await runCli(['rules', '--write', 'docs'], { cwd });
    expect(writing.code).toBe(0);
    expect(writing.stderr).toContain('docs/sample/gone.md belongs to no rule; remove it');
    const after = await runCli(['rules', '--check', 'docs'], { cwd });
    expect(after.stderr).toBe(
      'docs/sample/gone.md: belongs to no rule\nvhd-preflight: run "vhd-preflight rules --write docs"\n',
    );
    expect((await runCli(['rules', '--write', 'docs'], { cwd })).stderr).not.toContain('wrote');
  });

  it('explains a rule with the text of its page', async () => {
    const { stdout } = await runCli(['explain', 'sample/hostname'], { columns: 70 });
    expect(stdout).toContain('sample/hostname\n\nThe host name is empty.\n');
    expect(stdout).toContain('  - The text of /etc/hostname. Reads /etc/hostname\n');
    expect(stdout).toContain('    $ : > /etc/hostname\n');
    expect(stdout).toContain('  - https://learn.microsoft.com/');
    expect(stdout).not.toMatch(/[`<]|\*\*/);
  });

  it('explains every outcome', async () => {
    const { stdout } = await runCli(['explain', 'outcomes']);
    for (const outcome of ['pass', 'fail', 'not-applicable', 'skipped', 'unknown'])
      expect(stdout).toContain(`- ${outcome}: `);
  });
});

describe('new-rule', () => {
  const stub =
    "import { appendFileSync } from 'node:fs'; appendFileSync('log', process.argv.slice(1).join(' ') + '\\n');";
  const checkout = () => {
    const cwd = workingDirectory({
      '/package.json': '{"name": "vhd-preflight", "type": "module"}',
      '/rules/index.ts': '',
      '/scripts/generate-rule-index.js': stub,
      '/scripts/build.js': stub,
      '/bin/vhd-preflight.js': stub,
      '/deep/er/x': '',
    });
    symlinkSync(join(top, 'src'), join(cwd, 'src'));
    return cwd;
  };

  it('writes a rule that does what its cases say, and regenerates what follows', async () => {
    const cwd = checkout();
    const made = await runCli(['new-rule', 'boot/serial-console'], { cwd: join(cwd, 'deep', 'er') });
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toContain('wrote ../../rules/boot/serial-console.ts\n');
    expect(readFileSync(join(cwd, 'log'), 'utf8').replaceAll(`${cwd}/`, '')).toBe(
      'scripts/generate-rule-index.js\nscripts/build.js\nbin/vhd-preflight.js rules --write docs/rules\n',
    );
    const cases = readRuleCases(join(cwd, 'fixtures', 'rules', 'boot', 'serial-console.yaml'));
    const module = (await import(join(cwd, 'rules', 'boot', 'serial-console.ts'))) as { readonly default: Rule };
    const outcomes = await Promise.all(cases.map((ruleCase) => runRuleCase(module.default, ruleCase, '')));
    expect(outcomes.map(describeResult)).toEqual(cases.map((ruleCase) => ruleCase.expect));
    expect(cases.filter(({ lookalike }) => lookalike)).toHaveLength(1);
  });

  it('never overwrites, and then writes nothing at all', async () => {
    const cwd = checkout();
    mkdirSync(join(cwd, 'fixtures', 'rules', 'boot'), { recursive: true });
    writeFileSync(join(cwd, 'fixtures', 'rules', 'boot', 'x.yaml'), 'mine');
    const refused = await runCli(['new-rule', 'boot/x'], { cwd });
    expect(refused).toMatchObject({ code: 2, stderr: 'vhd-preflight: fixtures/rules/boot/x.yaml exists already\n' });
    expect(existsSync(join(cwd, 'rules', 'boot'))).toBe(false);
  });

  it('says which follow-up failed', async () => {
    const cwd = checkout();
    writeFileSync(join(cwd, 'scripts', 'build.js'), "console.error('broken'); process.exitCode = 1;");
    const { code, stderr } = await runCli(['new-rule', 'boot/x'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toBe(
      'broken\nvhd-preflight: the rule is written, but "node scripts/build.js" failed; run it again when that is mended\n',
    );
  });
});

describe('the program itself', () => {
  it('has the version of its package', async () => {
    // Only the name of the key matters here.
    const manifest = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as { version: unknown };
    expect(version).toBe(manifest.version);
    expect((await runCli(['--version'])).stdout).toBe(`${version}\n`);
    expect((await runCli(['rules', '--version'])).stdout).toBe(`${version}\n`);
  });

  it('names an unexpected error as its own, with the stack only on request', async () => {
    const rule = Object.defineProperty({ ...sampleRules[0] } as Rule, 'title', {
      get: () => {
        throw new TypeError('boom\n::error::x');
      },
    });
    const plain = await runCli(['rules'], { rules: [rule] });
    expect(plain).toMatchObject({ code: 2, stdout: '' });
    expect(plain.stderr).toMatch(
      /^vhd-preflight: internal error: boom\\n::error::x \(this is a defect of the program[^\n]*VHD_PREFLIGHT_DEBUG=1[^\n]*\n$/,
    );
    const debug = await runCli(['rules'], { rules: [rule], env: { VHD_PREFLIGHT_DEBUG: '1' } });
    expect(debug.stderr).toMatch(/\n {4}at /);
  });

  it('inspects an image as text and as data', async () => {
    const cwd = workingDirectory({ ...linux, '/image/etc/passwd': 'root:x:0:0::/root:/bin/sh\n' });
    const text = await runCli(['inspect', 'image'], { cwd });
    expect(text).toMatchObject({ code: 0, stderr: '' });
    for (const heading of [
      'System',
      'First boot',
      'Boot entries',
      'Azure Linux Agent',
      'cloud-init',
      'Accounts',
      'Units',
    ]) {
      expect(text.stdout).toMatch(new RegExp(`^${heading}$`, 'm'));
    }
    const data: unknown = JSON.parse((await runCli(['inspect', 'image', '--format', 'json'], { cwd })).stdout);
    expect(data).toMatchObject({
      target: 'image',
      kind: 'directory',
      distribution: { id: 'debian' },
      agent: { installed: false },
      accounts: { accounts: [{ name: 'root', shell: '/bin/sh' }] },
    });
  });
});
