import { describe, expect, test } from '@jest/globals';
import {
  defineFact,
  defineRule,
  fail,
  finding,
  type Judgement,
  judge,
  notApplicable,
  pass,
  type Rule,
  type RuleMetadata,
} from '../../src/engine/define.ts';
import type { Family, Intent } from '../../src/engine/model.ts';
import { runRules } from '../../src/engine/run.ts';
import { countsOf, verdictOf } from '../../src/engine/verdict.ts';
import { CouldNotRead } from '../../src/image/could-not-read.ts';
import { imageFrom } from '../../src/testing/image.ts';

const intent: Intent = { imageType: 'generalized', imageTypeDeclared: true, storage: 'gallery', profiles: [] };

let computed = 0;
const hostname = defineFact({
  id: 'test-hostname',
  description: 'Host name.',
  reads: ['/etc/hostname'],
  compute: ({ rootFs }) => {
    computed++;
    return rootFs.readText('/etc/hostname');
  },
});

function rule(id: string, check: (name: string | undefined) => Judgement, metadata: Partial<RuleMetadata> = {}): Rule {
  return defineRule({
    id,
    title: 'T',
    severity: 'error',
    rationale: 'R',
    remediation: 'M',
    references: [],
    covers: [],
    lisa: [],
    needs: ['rootfs'],
    appliesTo: {},
    ...metadata,
    facts: { hostname },
    check: (facts) => check(facts.hostname),
  });
}

async function run(rules: readonly Rule[], options: Partial<Intent> = {}, tree = {}, severities = {}) {
  const family = defineFact<Family | undefined>({ id: 'f', description: '', reads: [], compute: () => 'debian' });
  const architecture = defineFact<undefined>({ id: 'a', description: '', reads: [], compute: () => undefined });
  return runRules(imageFrom(tree), rules, {
    intent: { ...intent, ...options },
    offers: new Set(['rootfs'] as const),
    applicability: { family, architecture },
    severities: new Map(Object.entries(severities)),
  });
}

const broken = (message: string, options = {}) => fail(finding(message, [{ path: '/etc/hostname', line: 3 }], options));

describe('runRules', () => {
  test('a result has the lines for the family of the image, as an array', async () => {
    const fix = { debian: ['apt-get install a'], default: ['echo b'] };
    const { results } = await run([
      rule('a/by-family', () => pass(), { fix }),
      rule('a/for-all', () => pass(), { fix: ['echo c'] }),
      rule('a/for-others', () => pass(), { fix: { rhel: ['yum install d'] } }),
    ]);
    expect(results.map((result) => result.fix)).toEqual([['apt-get install a'], ['echo c'], undefined]);
  });

  test('a family that cannot be read gets the lines for all others', async () => {
    const unreadable = defineFact<Family | undefined>({
      id: 'f',
      description: '',
      reads: [],
      compute: () => {
        throw new CouldNotRead('/etc/os-release', 'no permission');
      },
    });
    const architecture = defineFact<undefined>({ id: 'a', description: '', reads: [], compute: () => undefined });
    const { results } = await runRules(
      imageFrom({}),
      [rule('a/x', () => pass(), { fix: { debian: ['a'], default: ['b'] } })],
      { intent, offers: new Set(['rootfs'] as const), applicability: { family: unreadable, architecture } },
    );
    expect(results.map((result) => result.fix)).toEqual([['b']]);
  });

  test('the lines name the disk file', async () => {
    const family = defineFact<Family | undefined>({ id: 'f', description: '', reads: [], compute: () => 'suse' });
    const architecture = defineFact<undefined>({ id: 'a', description: '', reads: [], compute: () => undefined });
    const { results } = await runRules(
      imageFrom({}, { disk: { fileName: 'my image.vhd' } }),
      [rule('a/x', () => pass(), { fix: ['mv FILE image.vhd'] })],
      { intent, offers: new Set(['rootfs'] as const), applicability: { family, architecture } },
    );
    expect(results.map((result) => result.fix)).toEqual([["mv 'my image.vhd' image.vhd"]]);
  });

  test('a rule that throws is reported by name and the others go on', async () => {
    const { results, internalErrors } = await run([
      rule('a/crash', () => {
        throw new Error('boom');
      }),
      rule('a/fine', () => pass()),
    ]);
    expect(internalErrors).toEqual([{ ruleId: 'a/crash', message: 'boom' }]);
    expect(results.map(({ ruleId }) => ruleId)).toEqual(['a/fine']);
  });

  test('a failure without findings is a defect of the rule', async () => {
    expect((await run([rule('a/empty', () => fail([]))])).internalErrors).toHaveLength(1);
  });

  test('a fact that could not be read makes its rules unknown, with path and reason', async () => {
    const tree = { '/etc/hostname': { unreadable: 'permission denied' } };
    const { results } = await run([rule('a/x', () => pass())], {}, tree);
    expect(results[0]).toMatchObject({ outcome: 'unknown', reason: '/etc/hostname: permission denied', findings: [] });
  });

  test('a fact is computed once an image', async () => {
    computed = 0;
    await run([rule('a/x', () => pass()), rule('a/y', () => pass())]);
    expect(computed).toBe(1);
  });

  test('a rule outside its image type, storage, profile, family or architecture never looks', async () => {
    computed = 0;
    const never = () => broken('must not run');
    const { results } = await run([
      rule('a/type', never, { appliesTo: { imageTypes: ['specialized'] } }),
      rule('a/storage', never, { appliesTo: { storages: ['managed-disk'] } }),
      rule('a/profile', never, { appliesTo: { profiles: ['nvme'] } }),
      rule('a/family', never, { appliesTo: { families: ['suse'] } }),
      rule('a/arch', never, { appliesTo: { architectures: ['aarch64'] } }),
    ]);
    expect(results.map(({ outcome }) => outcome)).toEqual(Array(5).fill('not-applicable'));
    expect(computed).toBe(0);
  });

  test('a rule that needs what the target does not show is skipped', async () => {
    const { results } = await run([rule('a/disk', () => pass(), { needs: ['disk'] })]);
    expect(results[0]).toMatchObject({ outcome: 'skipped', reason: 'this kind of target does not show: disk' });
  });

  test('severity: profile, override, and a finding never above its rule', async () => {
    const raised = rule('a/raised', () => broken('m'), { severity: { base: 'warning', marketplace: 'error' } });
    const weak = rule('a/weak', () => broken('m', { severity: 'info' }));
    const loud = rule('a/loud', () => broken('m', { severity: 'error' }), { severity: 'info' });
    const severityOf = async (...input: Parameters<typeof run>) => (await run(...input)).results[0]?.severity;
    expect(await severityOf([raised])).toBe('warning');
    expect(await severityOf([raised], { profiles: ['marketplace'] })).toBe('error');
    expect(await severityOf([raised], {}, {}, { 'a/raised': 'info' })).toBe('info');
    expect(await severityOf([weak])).toBe('info');
    expect(await severityOf([loud])).toBe('info');
  });

  test('results and findings come in one order, whatever the order of rules', async () => {
    const rules = [
      rule('b/pass', () => pass()),
      rule('a/warn', () => broken('w'), { severity: 'warning' }),
      rule('c/error', () =>
        fail([
          finding('late', { path: '/z', line: 9 }),
          finding('early', { path: '/z', line: 2 }),
          finding('weak', { path: '/a' }, { severity: 'info' }),
        ]),
      ),
    ];
    const ids = async (list: readonly Rule[]) => (await run(list)).results.map(({ ruleId }) => ruleId);
    expect(await ids(rules)).toEqual(['b/pass', 'c/error', 'a/warn']);
    expect(await ids([...rules].reverse())).toEqual(['b/pass', 'c/error', 'a/warn']);
    const findings = (await run(rules)).results[1]?.findings.map(({ message }) => message);
    expect(findings).toEqual(['early', 'late', 'weak']);
  });

  test('fingerprints survive a shift of lines and tell apart what differs', async () => {
    const marks = async (line: number) =>
      (
        await run([
          rule('a/x', () =>
            fail([
              finding('one', { path: '/p', line, text: 'same' }),
              finding('two', { path: '/p', line: line + 1, text: 'same' }),
              finding('three', { path: '/p', line, text: 'other' }),
            ]),
          ),
        ])
      ).results[0]?.findings.map(({ fingerprint }) => fingerprint);
    const first = await marks(1);
    expect(await marks(50)).toEqual(first);
    expect(new Set(first).size).toBe(3);
  });
});

describe('judge', () => {
  const unread = [new CouldNotRead('/p', 'permission denied')];
  test('something unread without a finding is unknown', () => {
    expect(judge([], [], unread)).toEqual({ outcome: 'unknown', reason: '/p: permission denied' });
  });
  test('a finding beside something unread fails and says that the list is incomplete', () => {
    expect(judge([finding('m')], [], unread)).toMatchObject({
      outcome: 'fail',
      reason: 'incomplete: /p: permission denied',
    });
  });
  test('nothing found and all read passes', () => {
    expect(judge([])).toEqual(pass());
  });
});

describe('verdict', () => {
  const resultsOf = async (judgement: Judgement, metadata = {}) =>
    (await run([rule('a/x', () => judgement, metadata)])).results;
  const gate = { failOn: 'error', allowUnknown: false } as const;

  test.each([
    ['pass', pass(), {}, gate, 'pass'],
    ['not applicable', notApplicable('r'), {}, gate, 'pass'],
    ['an error fails', broken('m'), {}, gate, 'fail'],
    ['a warning passes by default', broken('m'), { severity: 'warning' }, gate, 'pass'],
    ['a warning fails when asked', broken('m'), { severity: 'warning' }, { ...gate, failOn: 'warning' }, 'fail'],
    ['never', broken('m'), {}, { ...gate, failOn: 'never' }, 'pass'],
    ['an unknown error rule is undecided', { outcome: 'unknown', reason: 'r' }, {}, gate, 'undecided'],
    ['unless allowed', { outcome: 'unknown', reason: 'r' }, {}, { ...gate, allowUnknown: true }, 'pass'],
    ['an unknown warning rule passes', { outcome: 'unknown', reason: 'r' }, { severity: 'warning' }, gate, 'pass'],
  ] as const)('%s', async (_name, judgement, metadata, options, verdict) => {
    expect(verdictOf(await resultsOf(judgement, metadata), options)).toBe(verdict);
  });

  test('a suppressed failure neither fails nor counts as a finding', async () => {
    const suppressed = { reason: 'accepted', by: 'configuration' } as const;
    const results = (await resultsOf(broken('m'))).map((result) => ({ ...result, suppressed }));
    expect(verdictOf(results, gate)).toBe('pass');
    expect(countsOf(results)).toMatchObject({ fail: 0, suppressed: 1, error: 0 });
  });
});
