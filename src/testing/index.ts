/** Test kit for rules, built-in or of a plugin: images in memory, rule cases as YAML, trees written to disk. */
export type { CaseDisk } from './disk.ts';
export { imageFrom, testHost } from './image.ts';
export { materialize } from './materialize.ts';
export {
  defaultIntent,
  describeResult,
  type Expectation,
  overlay,
  type RuleCase,
  readBaseTree,
  readRuleCases,
  runRuleCase,
} from './rule-cases.ts';
export { type RuleTest, ruleTests } from './rule-tests.ts';
export type { Tree, TreeEntry } from './tree.ts';
