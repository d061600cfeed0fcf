import type { Rule } from '../engine/define.ts';
import { describeResult, type Expectation, type RuleCase, runRuleCase } from './rule-cases.ts';

/** A test by name, for whatever runs tests: `for (const [name, run] of ruleTests(…)) test(name, run)`. */
export type RuleTest = readonly [name: string, run: () => Promise<void>];

/**
 * Tests of a rule: one for each case, and one that there are enough of them. A rule that was never seen to fail, to pass
 * and to stay silent at what only looks like the defect is not finished.
 *
 * @param rootsFolder Folder of the base trees that cases name, if they do
 */
export function ruleTests(rule: Rule, cases: readonly RuleCase[], rootsFolder?: string): readonly RuleTest[] {
  return [
    ['has a case that fails, one that passes, and a look-alike', async () => demandKinds(rule, cases)],
    ...cases.map((ruleCase): RuleTest => [ruleCase.name, async () => expectCase(rule, ruleCase, rootsFolder)] as const),
  ];
}

function demandKinds({ id }: Rule, cases: readonly RuleCase[]): void {
  const kinds = {
    'that fails': cases.some(({ expect }) => typeof expect === 'object' && 'fail' in expect),
    'that passes': cases.some(({ expect }) => expect === 'pass'),
    'with lookalike: true': cases.some(({ expect, lookalike }) => lookalike && !isFailure(expect)),
  };
  const missing = Object.entries(kinds).flatMap(([kind, isThere]) => (isThere ? [] : [kind]));
  if (missing.length > 0) throw new Error(`${id} has no case ${missing.join(', and none ')}`);
}

const isFailure = (expectation: Expectation) => typeof expectation === 'object' && 'fail' in expectation;

async function expectCase(rule: Rule, ruleCase: RuleCase, rootsFolder: string | undefined): Promise<void> {
  const found = describeResult(await runRuleCase(rule, ruleCase, rootsFolder));
  if (!isExpected(found, ruleCase.expect))
    throw new Error(`expected ${JSON.stringify(ruleCase.expect)}\n   found ${JSON.stringify(found)}`);
}

/** Reasons are compared as substrings, findings as a whole and in any order. */
function isExpected(found: Expectation, wanted: Expectation): boolean {
  if (typeof wanted === 'string') return found === wanted || (typeof found === 'object' && wanted in found);
  if (typeof found === 'string') return false;
  if ('fail' in wanted)
    return 'fail' in found && JSON.stringify([...found.fail].sort()) === JSON.stringify([...wanted.fail].sort());
  return Object.entries(wanted).every(([outcome, reason]) =>
    Object.entries(found).some(([other, text]) => other === outcome && String(text).includes(String(reason))),
  );
}
