import { lineAt, type PyYamlError, readPyYamlEvents } from './pyyaml-events.ts';
import { composeNodes, type MappingNode, type Node, type Pair, Refused } from './pyyaml-nodes.ts';
import { constructScalar, yamlTag } from './pyyaml-scalars.ts';

/** Plain data as safe_load gives it. Dates arrive as `Date`, binary data as its base64 text, a set as keys with null. */
export type PyYamlValue =
  | null
  | boolean
  | number
  | string
  | Date
  | readonly PyYamlValue[]
  | { readonly [key: string]: PyYamlValue };

/** Keys of mappings and positions in lists, from the root. */
export type PyYamlPath = readonly (string | number)[];

export type PyYamlDocument =
  | {
      readonly value: PyYamlValue;
      /** Line of what a path leads to, counted from 1; for a mapping's value the line of its key. */
      lineOf(path: PyYamlPath): number | undefined;
    }
  | { readonly error: PyYamlError };

export type { PyYamlError } from './pyyaml-events.ts';

/** Aliases are shared when read but walked one by one afterwards; no configuration has this many values. */
const maximumValues = 200_000;

interface Built {
  readonly value: PyYamlValue;
  /** Values below and including this one, aliases counted each time. */
  readonly size: number;
}

/** What is known about nodes so far; an undefined entry marks one that is being worked on. */
interface Construction {
  readonly built: Map<Node, Built | undefined>;
  readonly flattened: Map<MappingNode, readonly Pair[] | undefined>;
}

/**
 * YAML as PyYAML's `safe_load` reads it (yaml/composer.py, yaml/constructor.py), which is how cloud-init reads its
 * configuration. Keys that are no text become text, as in JSON. An empty document is null.
 */
export function parsePyYaml(text: string): PyYamlDocument {
  const parsed = readPyYamlEvents(text);
  if ('error' in parsed) return parsed;
  const { source, events } = parsed;
  try {
    const root = composeNodes(source, events);
    if (root === undefined) return { value: null, lineOf: () => undefined };
    const construction: Construction = { built: new Map(), flattened: new Map() };
    const { value } = construct(root, construction);
    return { value, lineOf: (path) => lineOf(source, root, path, construction) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { error: { line: lineAt(source, error.at), message: error.message, ...(error.limit && { limit: true }) } };
  }
}

/** SafeConstructor.construct_object: each node once. */
function construct(node: Node, construction: Construction): Built {
  const known = construction.built.get(node);
  if (known) return known;
  if (construction.built.has(node)) throw selfReference(node);
  construction.built.set(node, undefined);
  const result = constructAnew(node, construction);
  if (result.size > maximumValues) throw tooMany(node);
  construction.built.set(node, result);
  return result;
}

function selfReference(node: Node): Refused {
  return new Refused(node.at, 'a value that contains itself is not supported', true);
}

function tooMany(node: Node): Refused {
  return new Refused(node.at, `more than ${maximumValues} values`, true);
}

function constructAnew(node: Node, construction: Construction): Built {
  const name = node.tag.startsWith(yamlTag) ? node.tag.slice(yamlTag.length) : '';
  if (name === 'map' || name === 'set') return constructMapping(node, construction);
  if (name === 'seq' || name === 'omap' || name === 'pairs') {
    if (node.kind !== 'sequence') throw new Refused(node.at, `expected a sequence, but found a ${node.kind}`);
    if (name === 'seq') return list(node.items.map((item) => construct(item, construction)));
    return list(node.items.map((item) => list(singlePair(item).map((half) => construct(half, construction)))));
  }
  const scalar = constructScalar(node.tag, scalarText(node));
  if (scalar === undefined) throw new Refused(node.at, `could not determine a constructor for the tag "${node.tag}"`);
  if ('message' in scalar) throw new Refused(node.at, scalar.message);
  return { value: scalar.value, size: 1 };
}

function list(items: readonly Built[]): Built {
  return { value: items.map(({ value }) => value), size: items.reduce((total, { size }) => total + size, 1) };
}

function singlePair(node: Node): Pair {
  const [pair, ...rest] = node.kind === 'mapping' ? node.pairs : [];
  if (!pair || rest.length > 0) throw new Refused(node.at, 'expected a mapping of length 1');
  return pair;
}

/** SafeConstructor.construct_scalar: a mapping stands for the value of its `=` key. */
function scalarText(node: Node): string {
  if (node.kind === 'scalar') return node.text;
  const value = node.kind === 'mapping' && node.pairs.find(([key]) => key.tag === `${yamlTag}value`)?.[1];
  if (!value) throw new Refused(node.at, `expected a scalar, but found a ${node.kind}`);
  return scalarText(value);
}

function constructMapping(node: Node, construction: Construction): Built {
  if (node.kind !== 'mapping') throw new Refused(node.at, `expected a mapping, but found a ${node.kind}`);
  const entries = new Map<string, PyYamlValue>();
  let size = 1;
  for (const [key, item] of flatten(node, construction)) {
    const name = keyText(key, construction);
    const { value, size: itemSize } = construct(item, construction);
    entries.set(name, value);
    size += itemSize;
  }
  // Unlike assignments, this makes a key of "__proto__", too.
  return { value: Object.fromEntries(entries), size };
}

function keyText(node: Node, construction: Construction): string {
  if (node.kind === 'scalar' && node.tag === `${yamlTag}value`) return node.text;
  const { value } = construct(node, construction);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object' && value !== null) throw new Refused(node.at, 'found unhashable key');
  return String(value);
}

/** SafeConstructor.flatten_mapping: `<<` puts the pairs of other mappings in front. */
function flatten(node: MappingNode, construction: Construction): readonly Pair[] {
  const known = construction.flattened.get(node);
  if (known) return known;
  if (construction.flattened.has(node)) throw selfReference(node);
  construction.flattened.set(node, undefined);
  const isMerge = ([key]: Pair) => key.tag === `${yamlTag}merge`;
  const merged: Pair[] = [];
  for (const [, value] of node.pairs.filter(isMerge)) {
    const sources = value.kind === 'sequence' ? [...value.items].reverse() : [value];
    for (const source of sources) {
      if (source.kind !== 'mapping') {
        throw new Refused(source.at, `expected a mapping for merging, but found a ${source.kind}`);
      }
      for (const pair of flatten(source, construction)) merged.push(pair);
      if (merged.length > maximumValues) throw tooMany(node);
    }
  }
  const pairs = [...merged, ...node.pairs.filter((pair) => !isMerge(pair))];
  construction.flattened.set(node, pairs);
  return pairs;
}

function lineOf(source: string, root: Node, path: PyYamlPath, construction: Construction): number | undefined {
  let node = root;
  let at = root.at;
  for (const step of path) {
    if (node.kind === 'sequence') {
      const item = typeof step === 'number' ? node.items[step] : undefined;
      if (item === undefined) return undefined;
      node = item;
      at = item.at;
    } else {
      const pairs = node.kind === 'mapping' ? construction.flattened.get(node) : undefined;
      const pair = pairs?.findLast(([key]) => keyText(key, construction) === String(step));
      if (pair === undefined) return undefined;
      [{ at }, node] = pair;
    }
  }
  return lineAt(source, at);
}
