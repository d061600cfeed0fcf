import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { areaIndex } from '../docs/area-index.ts';
import type { Example } from '../docs/example.ts';
import { familyIndex } from '../docs/family-index.ts';
import { lisaIndex } from '../docs/lisa-index.ts';
import { rulePage } from '../docs/rule-page.ts';
import type { Rule } from '../engine/define.ts';
import { readRuleCases } from '../testing/rule-cases.ts';
import { packageRoot } from './package-root.ts';

/** Every page of the rules' documentation: path below its folder → text. */
export function ruleDocs(rules: readonly Rule[]): ReadonlyMap<string, string> {
  const pages = rules.map((rule) => [`${rule.id}.md`, rulePage(rule, examplesOf(rule))] as const);
  return new Map([
    ['README.md', areaIndex(rules)],
    ['families.md', familyIndex(rules)],
    ['lisa.md', lisaIndex(rules)],
    ...pages,
  ]);
}

/**
 * One page. In a checkout it is made from the rule and its cases as they are now; an installed package has no cases but
 * the finished page.
 */
export function ruleDoc(rule: Rule): string {
  const finished = join(packageRoot(), 'docs', 'rules', `${rule.id}.md`);
  if (!existsSync(casesPath(rule)) && existsSync(finished)) return readFileSync(finished, 'utf8');
  return rulePage(rule, examplesOf(rule));
}

function examplesOf(rule: Rule): readonly Example[] {
  const path = casesPath(rule);
  return existsSync(path) ? readRuleCases(path) : [];
}

function casesPath(rule: Rule): string {
  return join(packageRoot(), 'fixtures', 'rules', `${rule.id}.yaml`);
}
