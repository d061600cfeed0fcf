import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import rules from '../rules/index.ts';
import { runRules } from '../src/engine/run.ts';
import { architecture } from '../src/facts/architecture.ts';
import { family } from '../src/facts/family.ts';
import type { Need } from '../src/image/image.ts';
import { imageFrom } from '../src/testing/image.ts';
import { defaultIntent, overlay, readBaseTree } from '../src/testing/rule-cases.ts';
import type { Tree, TreeEntry } from '../src/testing/tree.ts';

const roots = join(import.meta.dirname, '..', 'fixtures', 'roots');
const offers: ReadonlySet<Need> = new Set<Need>(['rootfs', 'initramfs', 'esp', 'options']);

/** What a hostile or broken image may hold in place of any file. */
const replacements: Readonly<Record<string, TreeEntry>> = {
  'a directory': { dir: true },
  'a device': { device: true },
  'a FIFO': { fifo: true },
  'a link to itself': { link: 'self' },
  'an unreadable file': { unreadable: 'permission denied' },
  'an empty file': '',
  'bytes that are no text': { base64: 'AP/+gICAgIAKPToje1tdfSIn4oCoAAEbWzMxbQo=' },
  'text without sense': '\uFEFF =\n[x\n- : {\n\t"\'\\\n#include /etc\n@include x\n$(x) `x` %h\n\r\n',
  'one endless line': `${'a=b:c,d '.repeat(20_000)}`,
};

async function run(tree: Tree, imageType: 'generalized' | 'specialized') {
  return runRules(imageFrom(tree), rules, {
    intent: { ...defaultIntent, imageType, profiles: ['marketplace'] },
    offers,
    applicability: { family, architecture },
  });
}

describe.each(['debian-12-specialized', 'rhel-9-specialized', 'flatcar'])('%s', (name) => {
  const base = readBaseTree(roots, name);
  const files = Object.entries(base).flatMap(([path, entry]) => {
    const isRead = typeof entry === 'string' || 'text' in entry || 'base64' in entry;
    // Of a kernel module nothing is read but whether it is there.
    return isRead && !/\.ko(?:\.\w+)?$/.test(path) ? [path] : [];
  });

  // Several at a time, far apart from each other, since each run judges by every rule.
  const batches = Array.from({ length: Math.ceil(files.length / 6) }, (_, first) =>
    files.filter((_path, index) => index % Math.ceil(files.length / 6) === first),
  );

  test.each(Object.entries(replacements))(
    'with %s in place of any file no rule crashes',
    async (_kind, entry) => {
      const crashes: string[] = [];
      for (const paths of batches) {
        const replaced = paths.map((path) => [
          path,
          typeof entry === 'object' && 'link' in entry ? { link: path } : entry,
        ]);
        const { internalErrors } = await run(overlay(base, Object.fromEntries(replaced) as Tree), 'generalized');
        crashes.push(...internalErrors.map(({ ruleId, message }) => `${paths.join(' ')}: ${ruleId}: ${message}`));
      }
      expect(crashes).toEqual([]);
    },
    120_000,
  );
});
