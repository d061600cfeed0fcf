import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest, test } from '@jest/globals';
import { settings } from '../../src/config/settings.ts';
import { fields, readYaml, scriptsIn, top, Workbench } from './kit.ts';

jest.setTimeout(60_000);

const action = fields(readYaml('action.yml'));
const inputs = fields(action.get('inputs'));
const [script = ''] = scriptsIn(action.get('runs'), ['run']);
const steps = fields(action.get('runs')).get('steps');
const step = fields(Array.isArray(steps) ? steps[0] : undefined);

const bench = new Workbench();
afterAll(() => bench.remove());

interface Outcome {
  readonly status: number | null;
  readonly log: string;
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string | undefined>>;
}

/** Runs the action's one step with inputs, as the runner fills them in. */
function act(given: Readonly<Record<string, string>>): Outcome {
  const runner = mkdtempSync(join(bench.scratch, 'runner-'));
  const [output, summary] = [join(runner, 'output'), join(runner, 'summary')];
  for (const file of [output, summary]) writeFileSync(file, '');
  const env = [...fields(step.get('env'))].map(([name, expression]) => {
    const input = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(String(expression))?.[1] ?? '';
    expect(inputs.has(input)).toBe(true);
    return [name, given[input] ?? String(fields(inputs.get(input)).get('default') ?? '')] as const;
  });
  const { status, stdout, stderr } = bench.run(script, {
    ...Object.fromEntries(env),
    RUNNER_TEMP: runner,
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
  });
  const lines = readFileSync(output, 'utf8').split('\n').filter(Boolean);
  return {
    status,
    log: stdout + stderr,
    summary: readFileSync(summary, 'utf8'),
    outputs: Object.fromEntries(lines.map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)])),
  };
}

describe('action.yml', () => {
  test.each([
    ['good', 0, '0', '0'],
    ['bad', 1, '1', '0'],
    ['unreadable', 2, '0', '0'],
    ['good\nbad\n', 1, '1', '0'],
    ['bad\nunreadable', 2, '1', '0'],
  ])('ends for the image %j with %i and says so in its outputs', (path, code, errors, unknown) => {
    const { status, outputs, summary, log } = act({ path });
    const { sarif = '', ...numbers } = outputs;
    expect({ status, ...numbers, log }).toEqual({
      status: code,
      errors,
      warnings: '0',
      unknown,
      'exit-code': String(code),
      log: expect.stringContaining(`Exit code ${code}: `),
    });
    expect(JSON.parse(readFileSync(sarif, 'utf8'))).toMatchObject({ version: '2.1.0' });
    expect(summary.match(/^# .*/gm)).toHaveLength(1);
  });

  it('annotates the step, and the summary has the whole finding', () => {
    const { log, summary } = act({ path: 'bad' });
    expect(log).toContain('::error title=bad%3A cloud-init/switch::');
    expect(summary).toContain('#### cloud-init/switch');
  });

  it('writes the summary once in every format of the log', () => {
    const { log, summary } = act({ path: 'bad', format: 'text' });
    expect(log).toContain('FAIL: 1 error');
    expect(summary.match(/^# .*/gm)).toEqual(['# ❌ fail: vhd-preflight']);
  });

  it('hands every input on', () => {
    const config = 'settings.yaml';
    writeFileSync(join(bench.folder, config), 'skip: [cloud-init/switch]\n');
    const given = {
      'image-type': 'specialized',
      storage: 'managed-disk',
      generation: '2',
      profile: 'marketplace, nvme',
      'fail-on': 'never',
      label: 'web',
      'sarif-anchor': 'images/web.pkr.hcl',
      format: 'json',
    };
    const { status, log, outputs } = act({ path: 'bad', config, ...given });
    const { images } = JSON.parse(log.slice(log.indexOf('{')));
    expect(status).toBe(0);
    expect(images[0]).toMatchObject({
      label: 'web',
      intent: { imageType: 'specialized', storage: 'managed-disk', generation: 2, profiles: ['marketplace', 'nvme'] },
    });
    expect(log).not.toContain('cloud-init/switch');
    expect(readFileSync(outputs['sarif'] ?? '', 'utf8')).toContain('"uri": "images/web.pkr.hcl"');
  });

  it.each([
    ['a wrong value', { path: 'good', storage: 'attic' }],
    ['no path', { path: '' }],
    ['a version that is not published', { path: 'good', version: '9.9.9' }],
  ])('has no verdict, and no outputs but that, for %s', (_, given) => {
    const { status, outputs } = act(given);
    expect({ status, outputs }).toEqual({ status: 2, outputs: { 'exit-code': '2' } });
  });

  it('takes no verdict from a program that was killed', () => {
    bench.addProgram('node', 'exit 1');
    bench.addProgram('vhd-preflight', 'exit 137');
    try {
      expect(act({ path: 'good' })).toMatchObject({ status: 2, outputs: { 'exit-code': '2' } });
    } finally {
      bench.restorePrograms();
    }
  });

  it.each(['$(touch pwned)', '`touch pwned`', '"; touch pwned; "', "'; touch pwned; '", '--output=pwned', '-x'])(
    'runs nothing of an input: %s',
    (text) => {
      const all = Object.fromEntries([...inputs.keys()].map((input) => [input, text]));
      // A version that does not exist ends the script before it comes to the others.
      for (const given of [all, { ...all, version: '0.1.0' }]) act(given);
      expect(existsSync(join(bench.folder, 'pwned'))).toBe(false);
    },
  );

  it('takes paths with spaces, and patterns', () => {
    bench.addImage('good', 'good too');
    expect(act({ path: 'good too' })).toMatchObject({ status: 0, outputs: { 'exit-code': '0' } });
    expect(act({ path: '*d' })).toMatchObject({ status: 1, outputs: { errors: '1' } });
  });

  it('leaves nothing in the working directory', () => {
    const before = readdirSync(bench.folder);
    act({ path: 'good' });
    expect(readdirSync(bench.folder)).toEqual(before);
  });

  it('interpolates nothing into a script', () => {
    for (const text of scriptsIn(action.get('runs'), ['run'])) expect(text).not.toContain('${{');
  });

  it('installs the version that it belongs to', () => {
    const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'));
    expect(fields(inputs.get('version')).get('default')).toBe(version);
  });

  it.each(['image-type', 'storage', 'generation', 'fail-on', 'profile'])(
    'describes each choice of the input %s',
    (input) => {
      const { choices = [] } = Object.values(settings).find(({ flag }) => flag === input) ?? {};
      const description = String(fields(inputs.get(input)).get('description'));
      expect(choices.filter((choice) => !description.includes(choice))).toEqual([]);
    },
  );
});
