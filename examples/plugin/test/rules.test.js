import test from 'node:test';
import { readRuleCases, ruleTests } from 'vhd-preflight/testing';
import plugin from '../index.js';

for (const rule of plugin.rules) {
  const [, name] = rule.id.split('/');
  const cases = readRuleCases(new URL(`../rules/${name}.yaml`, import.meta.url));
  for (const [title, run] of ruleTests(rule, cases)) test(`${rule.id}: ${title}`, run);
}
