import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from '@jest/globals';
import rules from '../rules/index.ts';
import { readRuleCases } from '../src/testing/rule-cases.ts';
import { ruleTests } from '../src/testing/rule-tests.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures');

describe.each(rules.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  const path = join(fixtures, 'rules', `${id}.yaml`);
  const cases = existsSync(path) ? readRuleCases(path) : [];
  test.each(ruleTests(rule, cases, join(fixtures, 'roots')))('%s', async (_name, run) => run());
});
