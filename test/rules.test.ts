import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import rules from '../rules/index.ts';
import { describeResult, type Expectation, readRuleCases, runRuleCase } from '../src/testing/rule-cases.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures');

/** Reasons are compared as substrings, findings as a whole. */
function matcher(expectation: Expectation): unknown {
  if (expectation === 'not-applicable' || expectation === 'unknown') return { [expectation]: expect.any(String) };
  if (expectation === 'pass') return 'pass';
  if ('fail' in expectation) return { fail: [...expectation.fail].sort() };
  const [[outcome, reason] = []] = Object.entries(expectation);
  return { [String(outcome)]: expect.stringContaining(String(reason)) };
}

describe.each(rules.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  const path = join(fixtures, 'rules', `${id}.yaml`);
  const cases = existsSync(path) ? readRuleCases(path) : [];

  test('has cases', () => {
    expect(cases.length).toBeGreaterThan(0);
  });

  test.each(cases.map((ruleCase) => [ruleCase.name, ruleCase] as const))('%s', async (_name, ruleCase) => {
    const result = await runRuleCase(rule, ruleCase, join(fixtures, 'roots'));
    expect(describeResult(result)).toEqual(matcher(ruleCase.expect));
  });
});
