import { describe, expect, it } from '@jest/globals';
import builtIn from '../../rules/index.ts';
import { defineFact, defineRule, type Fact, pass } from '../../src/engine/define.ts';
import { acceptPlugin, definePlugin, type OwnNames } from '../../src/engine/plugin.ts';
import * as api from '../../src/rule-api.ts';
import { imageFrom } from '../../src/testing/image.ts';

const isFact = (value: unknown): value is Fact<unknown> =>
  typeof value === 'object' && value !== null && 'compute' in value;
const exported: readonly unknown[] = Object.values(api);
const apiFacts = exported.filter(isFact);
const own: OwnNames = { areas: new Set(['boot']), facts: new Map(apiFacts.map((fact) => [fact.id, fact])) };

const fact = defineFact({ id: 'corp/fact', description: 'A fact.', reads: [], compute: () => 1 });
const rule = defineRule({
  id: 'corp/rule',
  title: 'It is good',
  severity: 'error',
  rationale: 'Else it breaks.',
  remediation: 'Mend it.',
  references: [],
  covers: [],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { fact },
  check: () => pass(),
});
const good = definePlugin({ apiVersion: 1, name: 'corp', rules: [rule] });
const withRule = (change: object) => ({ ...good, rules: [{ ...rule, ...change }] });

describe('a plugin', () => {
  it('is accepted, its rules marked with its name', () => {
    const facts = { fact: { ...fact, compute: expect.any(Function) } };
    expect(acceptPlugin(good, own)).toEqual({ ...good, rules: [{ ...rule, facts, plugin: 'corp' }] });
  });

  it('shares the facts of the program, though it brings copies of its own', () => {
    const copy = defineFact({ ...api.distribution });
    const accepted = acceptPlugin(withRule({ facts: { distribution: copy } }), own);
    expect(accepted).toMatchObject({ rules: [{ facts: { distribution: api.distribution } }] });
    const [bound] = typeof accepted === 'string' ? [] : accepted.rules;
    expect(bound?.facts['distribution']).toBe(api.distribution);
  });

  it('gets the facts of the program within its own facts, too, and no others', async () => {
    const copy = defineFact({ ...api.distribution, compute: () => undefined });
    const foreign = defineFact({ ...fact, id: 'other/fact' });
    const asking = defineFact<unknown>({ ...fact, id: 'corp/asking', compute: ({ get }) => get(copy) });
    const straying = defineFact<unknown>({ ...fact, id: 'corp/straying', compute: ({ get }) => get(foreign) });
    const deep = defineFact<unknown>({ ...fact, id: 'corp/deep', compute: ({ get }) => get(straying) });
    const accepted = acceptPlugin(withRule({ facts: { asking, deep } }), own);
    const [bound] = typeof accepted === 'string' ? [] : accepted.rules;
    const scan = imageFrom({ '/etc/os-release': 'ID=debian\n' });
    const value = (key: string) => bound?.facts[key] && scan.get(bound.facts[key]);
    await expect(value('asking')).resolves.toMatchObject({ id: 'debian' });
    await expect(scan.get(api.distribution)).resolves.toMatchObject({ id: 'debian' });
    await expect(value('deep')).rejects.toThrow(
      'the fact corp/straying asks for a fact: "other/fact" is no fact of this program, and does not begin with corp/',
    );
  });

  it.each<[string, unknown, string]>([
    ['a name that is no text', { ...good, name: 1n }, 'digits and hyphens, found a bigint'],
    ['nothing', undefined, 'its default export is no plugin: expected what definePlugin gives'],
    ['a list', [rule], 'its default export is no plugin: expected what definePlugin gives'],
    [
      'no version',
      { name: 'corp', rules: [rule] },
      'version 1 of the plugin contract, and the plugin states no apiVersion',
    ],
    ['an older version', { ...good, apiVersion: 0 }, 'the plugin version 0; upgrade the plugin'],
    ['a newer version', { ...good, apiVersion: 2 }, 'the plugin version 2; upgrade this program'],
    ['no name', { ...good, name: undefined }, 'expected a name of small letters, digits and hyphens, found none'],
    [
      'a name with a path',
      { ...good, name: '../corp' },
      'expected a name of small letters, digits and hyphens, found "../corp"',
    ],
    ['the name of an area', { ...good, name: 'boot' }, 'the name "boot" is that of an area of built-in rules'],
    ['no rules', { ...good, rules: [] }, 'expected a list of rules, with at least one'],
    ['a rule that is none', { ...good, rules: ['corp/rule'] }, 'rule 1: expected what defineRule gives'],
    ['one id twice', { ...good, rules: [rule, rule] }, 'two rules have the id corp/rule'],
    [
      'a foreign prefix',
      withRule({ id: 'boot/rule' }),
      'rule 1: expected an id such as corp/a-name, found "boot/rule"',
    ],
    ['a deeper id', withRule({ id: 'corp/a/b' }), 'rule 1: expected an id such as corp/a-name, found "corp/a/b"'],
    ['no title', withRule({ title: '' }), 'rule 1: corp/rule: title: expected a text'],
    [
      'an unknown severity',
      withRule({ severity: 'fatal' }),
      'rule 1: corp/rule: severity: expected error, warning or info',
    ],
    ['no base severity', withRule({ severity: { nvme: 'error' } }), 'severity: expected error, warning or info'],
    ['no covers', withRule({ covers: undefined }), 'rule 1: corp/rule: covers: expected a list'],
    ['no check', withRule({ check: undefined }), 'rule 1: corp/rule: check: expected a function'],
    ['an address that is none', withRule({ url: 'javascript:alert(1)' }), 'url: expected an https address'],
    [
      'a fact that is none',
      withRule({ facts: { fact: {} } }),
      'rule 1: corp/rule: fact "fact": expected what defineFact gives',
    ],
    [
      'a fact without the prefix',
      withRule({ facts: { fact: { ...fact, id: 'other/fact' } } }),
      'fact "fact": "other/fact" is no fact of this program, and does not begin with corp/',
    ],
  ])('is refused for %s', (_name, exportedValue, complaint) => {
    expect(acceptPlugin(exportedValue, own)).toEqual(expect.stringContaining(complaint));
  });
});

describe('facts', () => {
  it('have each an id of their own, without the slash that plugins have', () => {
    const ids = apiFacts.map(({ id }) => id);
    expect(new Set(ids).size).toBe(new Set(apiFacts).size);
    expect(ids.filter((id) => id.includes('/'))).toEqual([]);
  });

  it('of built-in rules can all be used by a plugin', () => {
    const used = builtIn.flatMap(({ facts }) => Object.values(facts));
    expect(used.filter((one) => own.facts.get(one.id) !== one).map(({ id }) => id)).toEqual([]);
  });
});
