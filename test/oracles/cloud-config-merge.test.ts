import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CloudConfigFile, mergeCloudConfig, readCloudConfigFile } from '../../src/formats/cloud-config.ts';
import { describeOracle, runPython } from './oracle.ts';

/** The merge of every directory by cloud-init itself. */
const program = `
import json, logging
from cloudinit import util
logging.disable(logging.CRITICAL)

def answer(directory):
    try:
        return {'merged': util.read_conf_with_confd(directory + '/cloud.cfg')}
    except Exception as e:
        return {'error': repr(e)}

print(json.dumps([answer(d) for d in json.load(sys.stdin)], default=str))
`;

interface ConfigSet {
  readonly main: string;
  /** Name of a drop-in → text. */
  readonly dropIns: Readonly<Record<string, string>>;
}

const leaf = fc.constantFrom<unknown>(
  'a',
  'b',
  '',
  true,
  false,
  0,
  7,
  null,
  [],
  {},
  ['x'],
  ['y', 'z'],
  [{ k: 1 }],
  [['n']],
);
const value = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('list'), tie('mapping')),
  list: fc.array(tie('any'), { maxLength: 3 }),
  mapping: fc.dictionary(fc.constantFrom('p', 'q', 'r'), tie('any'), { maxKeys: 3 }),
})).any;
const content = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'users', 'datasource_list'), value, { maxKeys: 4 });
const names = ['dict', 'list', 'str', 'Dict', 'm_list', 'set', ''];
const options = [
  'replace',
  'no_replace',
  'append',
  'prepend',
  'recurse_list',
  'recurse_array',
  'recurse_dict',
  'recurse_str',
  'allow_delete',
  'x',
];
const merger = fc.tuple(
  fc.constantFrom('dict', 'dict', 'list', 'str', 'm_list', ' Dict', 'set', 'LIST'),
  fc.array(fc.constantFrom(...options), { maxLength: 3 }),
);
const how = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(merger, { minLength: 1, maxLength: 3 })
      .map((all) => all.map(([name, words]) => `${name}(${words.join(', ')})`).join('+')),
  },
  {
    weight: 2,
    arbitrary: fc.array(merger, { maxLength: 3 }).map((all) => all.map(([name, settings]) => ({ name, settings }))),
  },
  {
    weight: 2,
    arbitrary: fc.array(merger, { maxLength: 3 }).map((all) => all.map(([name, words]) => [name, ...words])),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      null,
      [],
      'list',
      'list(append',
      ['list(append)'],
      3,
      { name: 'list' },
      [{ name: 'list' }],
      [{ name: 'list', settings: 'no_replace' }],
      '',
      '+',
      [[]],
      [names],
    ),
  },
);
const fileValue = fc
  .record({
    content,
    merge_how: fc.option(how, { freq: 2 }),
    merge_type: fc.option(how, { freq: 5 }),
    first: fc.boolean(),
  })
  .map(({ content: rest, merge_how, merge_type }) => ({
    ...rest,
    ...(merge_how !== null && { merge_how }),
    ...(merge_type !== null && { merge_type }),
  }));
const text = fc.oneof(
  { weight: 12, arbitrary: fileValue.map((data) => JSON.stringify(data)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '# nothing\n',
      '- a\n- b\n',
      'a: [\n',
      'just text\n',
      'a:\tb\n',
      'a: 1\n---\nb: 2\n',
      '{}\n',
      'null\n',
      '~',
      'a: 1\na: 2\n',
    ),
  },
);
const main = fc.oneof(
  { weight: 8, arbitrary: text },
  {
    weight: 1,
    arbitrary: fc.constantFrom('conf_d: ""\na: 1\n', 'conf_d:\na: 1\n', 'conf_d: [x]\n', 'conf_d: 0\nb: {p: 1}\n'),
  },
);
const dropInName = fc.constantFrom(
  '10-a.cfg',
  '90-azure.cfg',
  '90_dpkg.cfg',
  '9-b.cfg',
  'B.cfg',
  'a.cfg',
  '.hidden.cfg',
  'README',
  'x.cfg.bak',
  '99.cfg',
);
const sets: fc.Arbitrary<ConfigSet> = fc.record({ main, dropIns: fc.dictionary(dropInName, text, { maxKeys: 4 }) });

function ours({ main: mainText, dropIns }: ConfigSet): unknown {
  const read = (path: string, fileText: string): CloudConfigFile => {
    const file = readCloudConfigFile(path, fileText);
    if ('limit' in file) throw new Error(file.limit);
    return file;
  };
  const mainFile = read('cloud.cfg', mainText);
  const confD = mainFile.content?.['conf_d'];
  if (Array.isArray(confD)) return 'error';
  const dropInNames =
    confD === undefined
      ? Object.keys(dropIns)
          .filter((name) => name.endsWith('.cfg'))
          .sort()
      : [];
  const { merged, error } = mergeCloudConfig(
    mainFile,
    dropInNames.map((name) => read(name, dropIns[name] ?? '')),
  );
  return error === undefined ? merged : 'error';
}

describeOracle(
  'cloud-init',
  'cloud-init',
  ['usr/lib/python3/dist-packages/cloudinit/util.py', 'usr/lib/python3/dist-packages/yaml/__init__.py'],
  () => {
    test('merges configuration directories alike', () => {
      const samples = fc.sample(sets, { numRuns: 600, seed: 4 });
      const directory = mkdtempSync(join(tmpdir(), 'vhd-preflight-'));
      try {
        const paths = samples.map((set, index) => {
          const path = join(directory, String(index));
          mkdirSync(join(path, 'cloud.cfg.d'), { recursive: true });
          writeFileSync(join(path, 'cloud.cfg'), set.main);
          for (const [name, dropIn] of Object.entries(set.dropIns))
            writeFileSync(join(path, 'cloud.cfg.d', name), dropIn);
          return path;
        });
        const theirs: { readonly merged?: unknown; readonly error?: string }[] = JSON.parse(
          runPython(program, JSON.stringify(paths)),
        );
        const differing = samples.flatMap((set, index) => {
          const expected = theirs[index]?.error === undefined ? theirs[index]?.merged : 'error';
          const found = JSON.parse(JSON.stringify(ours(set)));
          return sorted(found) === sorted(expected) ? [] : [{ set, found, expected: theirs[index] }];
        });
        expect(differing).toEqual([]);
        expect(theirs.filter(({ error }) => error === undefined).length).toBeGreaterThan(300);
      } finally {
        rmSync(directory, { recursive: true });
      }
    });
  },
);

function sorted(data: unknown): string {
  return JSON.stringify(data, (_, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
