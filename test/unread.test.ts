import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import rules from '../rules/index.ts';
import type { Rule } from '../src/engine/define.ts';
import { diskFrom } from '../src/testing/disk.ts';
import {
  defaultIntent,
  overlay,
  type RuleCase,
  readBaseTree,
  readRuleCases,
  smallestRoot,
} from '../src/testing/rule-cases.ts';
import { memoryTree, type Tree } from '../src/testing/tree.ts';
import { RepeatedRun } from './repeated-run.ts';
import { mayDiffer } from './unread-files.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures');
const bases = new Map<string, Tree>();

function baseOf({ base }: RuleCase): Tree {
  if (base === undefined) return smallestRoot;
  const tree = bases.get(base) ?? readBaseTree(join(fixtures, 'roots'), base);
  bases.set(base, tree);
  return tree;
}

/** Directories that no scan can do without. */
const indispensable = new Set(['', '/boot', '/etc', '/home', '/usr', '/usr/lib', '/var']);

/** What makes the case: its files with content, and the directories that hold them. */
function deciding({ files = {} }: RuleCase): readonly string[] {
  const paths = Object.entries(files).flatMap(([path, entry]) =>
    typeof entry === 'string' || 'text' in entry || 'base64' in entry ? [path] : [],
  );
  const folders = new Set(paths.map((path) => path.slice(0, path.lastIndexOf('/'))));
  return [...paths, ...[...folders].filter((folder) => !indispensable.has(folder))];
}

/** What the rule says of the case when one of these is closed to it, where it says more than it can know. */
async function overconfidence(rule: Rule, ruleCase: RuleCase): Promise<readonly string[]> {
  const { intent, files = {}, disk } = ruleCase;
  const entries = overlay(baseOf(ruleCase), files);
  const known = disk && { scanned: diskFrom(disk, entries), fileName: disk.fileName ?? 'disk.vhd' };
  const run = await RepeatedRun.of(memoryTree(entries), [rule], { ...defaultIntent, ...intent }, known);
  const before = run.before(rule.id);
  const found: string[] = [];
  for (const path of deciding(ruleCase)) {
    if (mayDiffer(rule.id, path) || !run.isLookedAt(path)) continue;
    const { results } = await run.with(path, (node) => ({ ...node, unreadable: 'permission denied' }));
    for (const { outcome } of results) {
      if (outcome !== 'unknown' && outcome !== before) found.push(`${before}, but ${outcome} without ${path}`);
    }
  }
  return found;
}

/**
 * Each case shows that what its files say decides. So a rule that cannot read one of them may be unknown or keep to its
 * verdict, and never reach another: a check that could not look has neither passed nor failed.
 */
describe('a rule that cannot read a file or directory of its case reaches no other verdict', () => {
  test.each(rules.map((rule) => [rule.id, rule] as const))('%s', async (id, rule) => {
    const wrong: string[] = [];
    for (const ruleCase of readRuleCases(join(fixtures, 'rules', `${id}.yaml`))) {
      wrong.push(...(await overconfidence(rule, ruleCase)).map((what) => `${ruleCase.name}: ${what}`));
    }
    expect(wrong).toEqual([]);
  });
});
