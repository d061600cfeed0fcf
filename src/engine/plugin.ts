import type { Fact, Rule } from './define.ts';

/**
 * Version of the contract between this program and a plugin: the words of `defineRule` and `defineFact`, and the facts.
 * It grows when a plugin that was written for the one before could no longer be understood.
 */
export const pluginApiVersion = 1;

/** Further rules, as a package or a file brings them by its default export. */
export interface Plugin {
  /** Of the contract that it was written for. */
  readonly apiVersion: number;
  /** Small letters, digits and hyphens. The ids of its rules, and of facts of its own, begin with it and a slash. */
  readonly name: string;
  readonly rules: readonly Rule[];
}

export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

/** What the program has of its own, which a plugin must not claim. */
export interface OwnNames {
  readonly areas: ReadonlySet<string>;
  readonly facts: ReadonlyMap<string, Fact<unknown>>;
}

const namePattern = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

const severities = new Set(['error', 'warning', 'info']);

const isText = (value: unknown) => typeof value === 'string' && value.trim() !== '';
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What each key of a rule must be; the rest is up to the types. */
const ruleShape: Readonly<Record<string, readonly [expected: string, holds: (value: unknown) => boolean]>> = {
  title: ['a text', isText],
  severity: [
    'error, warning or info, or these by profile with a base',
    (value) => severities.has(String(isRecord(value) ? value['base'] : value)),
  ],
  rationale: ['a text', isText],
  remediation: ['a text', isText],
  references: ['a list', Array.isArray],
  covers: ['a list', Array.isArray],
  lisa: ['a list', Array.isArray],
  needs: ['a list', Array.isArray],
  appliesTo: ['a mapping', isRecord],
  facts: ['a mapping', isRecord],
  check: ['a function', (value) => typeof value === 'function'],
  url: ['an https address', (value) => value === undefined || /^https:\/\/\S+$/.test(String(value))],
};

/**
 * Takes what a module exports for a plugin, its rules marked with its name and bound to the program's own facts: a
 * plugin brings a copy of the library along, and no fact is to be computed twice, or by two versions.
 *
 * @returns A sentence that says what is wrong with it, where something is.
 */
export function acceptPlugin(exported: unknown, own: OwnNames): Plugin | string {
  if (!isRecord(exported)) return 'its default export is no plugin: expected what definePlugin gives';
  const { apiVersion, name, rules } = exported;
  if (apiVersion !== pluginApiVersion) return wrongVersion(apiVersion);
  if (typeof name !== 'string' || !namePattern.test(name))
    return `expected a name of small letters, digits and hyphens, found ${shown(name)}`;
  if (own.areas.has(name)) return `the name "${name}" is that of an area of built-in rules`;
  if (!Array.isArray(rules) || rules.length === 0) return 'expected a list of rules, with at least one';
  const accepted: Rule[] = [];
  for (const [index, rule] of rules.entries()) {
    const one = acceptRule(rule, name, own);
    if (typeof one === 'string') return `rule ${index + 1}: ${one}`;
    if (accepted.some(({ id }) => id === one.id)) return `two rules have the id ${one.id}`;
    accepted.push(one);
  }
  return { apiVersion, name, rules: accepted };
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return value === undefined ? 'none' : `a ${typeof value}`;
}

function wrongVersion(found: unknown): string {
  const speaks = `this program speaks version ${pluginApiVersion} of the plugin contract`;
  if (typeof found !== 'number') return `${speaks}, and the plugin states no apiVersion`;
  const upgrade = found > pluginApiVersion ? 'this program' : 'the plugin';
  return `${speaks}, the plugin version ${found}; upgrade ${upgrade}`;
}

function acceptRule(rule: unknown, plugin: string, own: OwnNames): Rule | string {
  if (!isRecord(rule)) return 'expected what defineRule gives';
  const { id } = rule;
  const isOwn = typeof id === 'string' && id.startsWith(`${plugin}/`) && namePattern.test(id.slice(plugin.length + 1));
  if (!isOwn) return `expected an id such as ${plugin}/a-name, found ${shown(id)}`;
  for (const [key, [expected, holds]] of Object.entries(ruleShape))
    if (!holds(rule[key])) return `${id}: ${key}: expected ${expected}`;
  // The table above has looked at every key.
  const typed = rule as unknown as Rule;
  const facts: Record<string, Fact<unknown>> = {};
  for (const [key, fact] of Object.entries(typed.facts)) {
    const bound = bindFact(fact, plugin, own);
    if (typeof bound === 'string') return `${id}: fact "${key}": ${bound}`;
    facts[key] = bound;
  }
  return { ...typed, facts, plugin };
}

function bindFact(fact: unknown, plugin: string, own: OwnNames): Fact<unknown> | string {
  if (!isRecord(fact) || typeof fact['compute'] !== 'function') return 'expected what defineFact gives';
  const id = String(fact['id']);
  // By its types it has what a fact has; ids and `compute` have been looked at.
  if (id.startsWith(`${plugin}/`)) return ofPlugin(fact as unknown as Fact<unknown>, plugin, own);
  return own.facts.get(id) ?? `"${id}" is no fact of this program, and does not begin with ${plugin}/`;
}

/** The fact, which gets other facts as its rule does: a copy must not be computed first and then serve built-in rules. */
function ofPlugin(fact: Fact<unknown>, plugin: string, own: OwnNames): Fact<unknown> {
  return {
    id: fact.id,
    description: fact.description,
    reads: fact.reads,
    compute: ({ rootFs, disk, fileName, host, get }) =>
      fact.compute({
        rootFs,
        disk,
        fileName,
        host,
        get: <T>(other: Fact<T>) => {
          const bound = bindFact(other, plugin, own);
          if (typeof bound === 'string') throw new Error(`the fact ${fact.id} asks for a fact: ${bound}`);
          // The fact of this id, whichever copy of it was asked for.
          return get(bound as Fact<T>);
        },
      }),
  };
}
