import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import rules from '../rules/index.ts';
import type { Outcome } from '../src/engine/model.ts';
import { directory, file, link, type MemoryNode, special } from '../src/image/memory.ts';
import { defaultIntent, readBaseTree } from '../src/testing/rule-cases.ts';
import { memoryTree, type Tree } from '../src/testing/tree.ts';
import { RepeatedRun } from './repeated-run.ts';
import { mayDiffer } from './unread-files.ts';

const roots = join(import.meta.dirname, '..', 'fixtures', 'roots');

const withBytes = (bytes: Uint8Array) => (node: MemoryNode) =>
  file(bytes, node.status.mode, node.status.uid, node.status.gid);
const withText = (text: string) => withBytes(new TextEncoder().encode(text));

/** Content that says something else than the file said. */
const otherContent: Readonly<Record<string, (node: MemoryNode) => MemoryNode>> = {
  'bytes that are no text': withBytes(
    Uint8Array.from(atob('AP/+gICAgIAKPToje1tdfSIn4oCoAAEbWzMxbQo='), (character) => character.charCodeAt(0)),
  ),
  'text without sense': withText('\uFEFF =\n[x\n- : {\n\t"\'\\\n#include /etc\n@include x\n$(x) `x` %h\n\r\n'),
  'one endless line': withText('a=b:c,d '.repeat(20_000)),
};

/** What a hostile or broken image may hold in place of any file. */
const replacements: Readonly<Record<string, (node: MemoryNode, path: string) => MemoryNode>> = {
  'a directory': () => directory(0o755, 0, 0),
  'a device': () => special('character-device', 0o666),
  'a FIFO': () => special('fifo', 0o666),
  'a link to itself': (_node, path) => link(path),
  'an unreadable file': (node) => ({ ...node, unreadable: 'permission denied' }),
  'an empty file': withText(''),
  ...otherContent,
};

/** Of a kernel module nothing is read but whether it is there. */
function replaceable(tree: Tree): readonly string[] {
  return Object.entries(tree).flatMap(([path, entry]) => {
    const isFile = typeof entry === 'string' || 'text' in entry || 'base64' in entry;
    return isFile && !/\.ko(?:\.\w+)?$/.test(path) ? [path] : [];
  });
}

describe.each(['debian-12-specialized', 'rhel-9-specialized', 'flatcar'])('%s', (name) => {
  const base = readBaseTree(roots, name);
  /** How each rule that read a file judged the image with each replacement in its place. */
  const seen: { readonly path: string; readonly ruleId: string; readonly outcomes: Map<string, Outcome> }[] = [];
  let run: RepeatedRun;

  beforeAll(async () => {
    run = await RepeatedRun.of(memoryTree(base), rules, { ...defaultIntent, profiles: ['marketplace'] });
    for (const path of replaceable(base)) {
      for (const { id } of run.readersOf(path)) seen.push({ path, ruleId: id, outcomes: new Map() });
    }
  });

  test.each(Object.entries(replacements))(
    'with %s in place of any one file no rule crashes',
    async (kind, replace) => {
      const crashes: string[] = [];
      for (const path of replaceable(base)) {
        const { results, internalErrors } = await run.with(path, (node) => replace(node, path));
        crashes.push(...internalErrors.map(({ ruleId, message }) => `${path}: ${ruleId}: ${message}`));
        const outcomes = new Map(results.map(({ ruleId, outcome }) => [ruleId, outcome]));
        for (const one of seen) {
          const outcome = one.path === path ? outcomes.get(one.ruleId) : undefined;
          if (outcome) one.outcomes.set(kind, outcome);
        }
      }
      expect(crashes).toEqual([]);
    },
    120_000,
  );

  test('a rule that needs a file which it cannot read is unknown', () => {
    expect(seen.length).toBeGreaterThan(500);
    const wrong = seen.flatMap(({ path, ruleId, outcomes }) => {
      const [before, unread] = [run.before(ruleId), outcomes.get('an unreadable file')];
      if (unread === 'unknown' || mayDiffer(ruleId, path)) return [];
      if (unread !== before) return [`${ruleId}: ${before}, but ${unread} without ${path}`];
      // What other content changes, the file decides. An empty file has another size, too, which anybody can see.
      const other = Object.keys(otherContent).find((kind) => ![before, 'unknown'].includes(outcomes.get(kind)));
      return other ? [`${ruleId}: ${before} without ${path}, but ${outcomes.get(other)} with ${other} in it`] : [];
    });
    expect(wrong).toEqual([]);
  });
});
