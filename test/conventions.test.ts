import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import rules from '../rules/index.ts';
import { imageStandardTests, otherLisaTests } from '../src/data/lisa-tests.ts';
import { readRuleCases } from '../src/testing/rule-cases.ts';

const top = join(import.meta.dirname, '..');

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(join(top, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(join(top, folder), join(entry.parentPath, entry.name)).replace(/\.[a-z]+$/, ''))
    .sort();
}

const ids = rules.map(({ id }) => id);
const byId = rules.map((rule) => [rule.id, rule] as const);

describe('the registry', () => {
  test('holds exactly the files of rules/, each under the id that its path gives', () => {
    expect(ids).toEqual(filesBelow('rules', '.ts').filter((id) => id !== 'index'));
  });

  test('has a file of cases for each rule and none beyond', () => {
    expect(filesBelow('fixtures/rules', '.yaml')).toEqual(ids);
  });

  test('covers no requirement twice', () => {
    const covered = rules.flatMap(({ covers }) => covers);
    expect(covered.filter((key, index) => covered.indexOf(key) !== index)).toEqual([]);
  });
});

describe('the list of tests of LISA', () => {
  const list = [...imageStandardTests, ...otherLisaTests];
  const names = list.flatMap(({ tests }) => Object.keys(tests));

  test('names each test once', () => {
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('has every test that a rule predicts', () => {
    expect(rules.flatMap(({ lisa }) => lisa.filter((name) => !names.includes(name)))).toEqual([]);
  });

  test('says of each test that no rule predicts why it needs a running virtual machine', () => {
    const predicted = new Set(rules.flatMap(({ lisa }) => lisa));
    const unexplained = list.filter(
      ({ tests, onlyRunning }) => onlyRunning === undefined && !Object.keys(tests).some((name) => predicted.has(name)),
    );
    expect(unexplained.map(({ tests }) => Object.keys(tests))).toEqual([]);
  });
});

describe.each(byId)('%s', (id, rule) => {
  test('has a subject for a name: no verb, no negation', () => {
    expect(id).toMatch(/^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/);
    expect(id).not.toMatch(/\/(no|not|check|verify|ensure|has|is)-/);
  });

  test('states the good state, what breaks, and what to do', () => {
    expect(rule.title).toMatch(/^[A-Za-z].*[^.]$/);
    expect(rule.rationale).toMatch(/\bboot|\bclon|\bupload|\bextension|\bdeploy|\bcertif|\bvirtual machine|\bVM/);
    expect(rule.rationale).toMatch(/\.$/);
    expect(rule.remediation).toMatch(/^[A-Z].*\.$/s);
  });

  test('cites public authorities and the requirements that it enforces', () => {
    expect(rule.references.length).toBeGreaterThan(0);
    for (const reference of rule.references) expect(new URL(reference).protocol).toBe('https:');
    expect(rule.covers.length).toBeGreaterThan(0);
  });

  test('has a failing case, a passing case and a look-alike that stays silent', () => {
    const path = join(top, 'fixtures', 'rules', `${id}.yaml`);
    const cases = existsSync(path) ? readRuleCases(path) : [];
    const failing = cases.filter(({ expect }) => typeof expect === 'object' && 'fail' in expect);
    const passing = cases.filter(({ expect }) => expect === 'pass');
    const lookalikes = cases.filter(({ lookalike }) => lookalike);
    expect({ failing: failing.length > 0, passing: passing.length > 0, lookalikes: lookalikes.length > 0 }).toEqual({
      failing: true,
      passing: true,
      lookalikes: true,
    });
    for (const { expect: expected } of lookalikes) expect(expected).not.toHaveProperty('fail');
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });

  test('has messages in house style', () => {
    const path = join(top, 'fixtures', 'rules', `${id}.yaml`);
    for (const { expect: expected } of existsSync(path) ? readRuleCases(path) : []) {
      if (typeof expected !== 'object' || !('fail' in expected)) continue;
      for (const line of expected.fail) expect(line).toMatch(/^(error|warning|info): .*[^.]$/);
    }
  });

  test('is short enough to read at a glance', () => {
    const lines = readFileSync(join(top, 'rules', `${id}.ts`), 'utf8').split('\n').length;
    expect(lines).toBeLessThanOrEqual(90);
  });
});

describe('the source', () => {
  test.each(filesBelow('src', '.ts').map((name) => [`src/${name}.ts`]))('%s is one concept', (path) => {
    const lines = readFileSync(join(top, path), 'utf8').split('\n').length;
    expect(lines).toBeLessThanOrEqual(300);
  });
});
