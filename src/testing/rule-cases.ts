import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import type { Rule } from '../engine/define.ts';
import type { Intent, Result } from '../engine/model.ts';
import { runRules } from '../engine/run.ts';
import { architecture } from '../facts/architecture.ts';
import { family } from '../facts/family.ts';
import type { Need } from '../image/image.ts';
import type { CaseDisk } from './disk.ts';
import { imageFrom } from './image.ts';
import type { Tree } from './tree.ts';

/** What a case expects of the rule. Reasons are substrings; the list of findings is complete. */
export type Expectation =
  | 'pass'
  | 'not-applicable'
  | 'unknown'
  | { readonly 'not-applicable': string }
  | { readonly unknown: string }
  | { readonly fail: readonly string[] };

export interface RuleCase {
  readonly name: string;
  /** A base tree of the roots folder, without `.yaml`. */
  readonly base?: string;
  readonly intent?: Partial<Intent>;
  readonly files?: Tree;
  /** The disk that holds the files: what differs from {@link CaseDisk}'s good one. Left out: there is none, as for a directory. */
  readonly disk?: CaseDisk;
  /** Looks like the defect and must stay silent. */
  readonly lookalike?: boolean;
  readonly expect: Expectation;
}

interface BaseTree {
  readonly extends?: string | readonly string[];
  readonly files?: Tree;
}

/** What an image in memory can be asked for, and what it takes a disk for. */
export const filesOnly: readonly Need[] = ['rootfs', 'initramfs', 'esp', 'options'];
export const withDisk: readonly Need[] = [...filesOnly, 'disk', 'partition-table', 'filesystem-metadata'];

export const smallestRoot: Tree = { '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n', '/usr/lib': { dir: true } };

export const defaultIntent: Intent = {
  imageType: 'generalized',
  imageTypeDeclared: true,
  storage: 'gallery',
  profiles: [],
};

/** Cases of one rule's file. Throws when the file is not such a list. */
export function readRuleCases(path: string | URL): readonly RuleCase[] {
  const document = load(readFileSync(path, 'utf8'), { filename: String(path) });
  const cases = (document as { cases?: unknown } | null)?.cases;
  if (!Array.isArray(cases)) throw new Error(`${path}: expected a key "cases" with a list`);
  // The shape of each case shows when it runs: a misspelt key fails its expectation.
  return cases as RuleCase[];
}

/** A base tree with all that it extends, the later over the earlier. */
export function readBaseTree(folder: string, name: string): Tree {
  const path = join(folder, `${name}.yaml`);
  // Base trees are files of the test suite itself.
  const base = load(readFileSync(path, 'utf8'), { filename: path }) as BaseTree;
  const parents = base.extends === undefined ? [] : [base.extends].flat();
  return [...parents.map((parent) => readBaseTree(folder, parent)), base.files ?? {}].reduce(overlay, {});
}

/** `files` over `base`: `absent: true` also takes away what lies below that path. */
export function overlay(base: Tree, files: Tree): Tree {
  const removed = Object.entries(files).flatMap(([path, entry]) =>
    typeof entry === 'object' && 'absent' in entry ? [path] : [],
  );
  const kept = Object.entries(base).filter(
    ([path]) => !(path in files) && !removed.some((gone) => path === gone || path.startsWith(`${gone}/`)),
  );
  const added = Object.entries(files).filter(([path]) => !removed.includes(path));
  return Object.fromEntries([...kept, ...added]);
}

/** Runs one rule on the image of a case; `rootsFolder` holds the base trees. */
export async function runRuleCase(rule: Rule, ruleCase: RuleCase, rootsFolder?: string): Promise<Result> {
  const base = baseOf(ruleCase, rootsFolder);
  const { disk } = ruleCase;
  const outcome = await runRules(imageFrom(overlay(base, ruleCase.files ?? {}), disk && { disk }), [rule], {
    intent: { ...defaultIntent, ...ruleCase.intent },
    offers: new Set(disk ? withDisk : filesOnly),
    applicability: { family, architecture },
  });
  const [crash] = outcome.internalErrors;
  const [result] = outcome.results;
  if (crash || !result) throw new Error(crash?.message ?? 'the rule gave no result');
  return result;
}

function baseOf({ name, base }: RuleCase, rootsFolder: string | undefined): Tree {
  if (base === undefined) return smallestRoot;
  if (rootsFolder === undefined) throw new Error(`case "${name}": a base needs the folder of the base trees`);
  return readBaseTree(rootsFolder, base);
}

/** A result in the words in which a case states its expectation. */
export function describeResult(result: Result): Expectation {
  if (result.outcome === 'fail') {
    const lines = result.findings.map(({ severity, message, evidence: [first] }) => {
      const place = first && (first.line === undefined ? first.path : `${first.path}:${first.line}`);
      return `${severity}: ${message}${place ? ` (${place})` : ''}`;
    });
    return { fail: lines.sort() };
  }
  if (result.outcome === 'pass') return 'pass';
  const reason = result.reason ?? '';
  return result.outcome === 'unknown' ? { unknown: reason } : { 'not-applicable': reason };
}
