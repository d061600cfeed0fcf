import type { PyYamlValue } from './pyyaml.ts';

/** A mapping at the top of a configuration file. */
export type CloudConfigMapping = { readonly [key: string]: PyYamlValue };

/** What Python would raise an exception for. */
class MergeError extends Error {}

/** A new value of a type into which mergers descend; others replace what is there or leave it. */
type Mergeable = CloudConfigMapping | readonly PyYamlValue[] | string;

type Merge = (value: PyYamlValue, mergeWith: Mergeable) => PyYamlValue;

/** Handlers by the type of the value that is already there; a type without one stays as it is. */
interface Merger {
  readonly dict?: (value: CloudConfigMapping, mergeWith: Mergeable) => CloudConfigMapping;
  readonly list?: (value: readonly PyYamlValue[], mergeWith: Mergeable) => PyYamlValue;
  readonly str?: (value: string, mergeWith: Mergeable) => PyYamlValue;
}

/** Options of a merger: a list of words, or a text in which Python looks for them. */
type Options = readonly PyYamlValue[] | string;

type ParsedMerger = readonly [name: string, options: Options];

/** mergers.DEF_MERGE_TYPE. */
const defaultMergers = 'list()+dict()+str()';

export type MergedCloudConfig = { readonly value: CloudConfigMapping } | { readonly error: string };

/**
 * cloudinit/util.py mergemanydict over sources of falling priority: a source fills up what those before it left open.
 * Its own `merge_how` or `merge_type` decides how, by cloudinit/mergers. An error is an exception that ends cloud-init.
 */
export function mergeManyMappings(sources: readonly CloudConfigMapping[]): MergedCloudConfig {
  try {
    let merged: CloudConfigMapping = {};
    for (const source of sources) {
      const { mergers, rest } = extractMergers(source);
      merged = mappingMerger(mergers.length > 0 ? mergers : parseMergerText(defaultMergers))(merged, rest);
    }
    return { value: merged };
  } catch (error) {
    if (error instanceof MergeError) return { error: error.message };
    throw error;
  }
}

export function isMapping(value: PyYamlValue | undefined): value is CloudConfigMapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function isList(value: PyYamlValue | undefined): value is readonly PyYamlValue[] {
  return Array.isArray(value);
}

/** mergers.dict_extract_mergers: takes the key out of the mapping. */
function extractMergers(source: CloudConfigMapping): { mergers: readonly ParsedMerger[]; rest: CloudConfigMapping } {
  const { merge_how: how = null, ...withoutHow } = source;
  if (how !== null) return { mergers: parseMergers(how), rest: withoutHow };
  const { merge_type: type = null, ...rest } = withoutHow;
  return { mergers: type === null ? [] : parseMergers(type), rest };
}

function parseMergers(raw: PyYamlValue): readonly ParsedMerger[] {
  if (typeof raw === 'string') return parseMergerText(raw);
  if (!isList(raw)) throw new MergeError('merge_how is neither a text nor a list');
  return raw.flatMap((entry): ParsedMerger[] => {
    if (isMapping(entry)) {
      const { name, settings } = entry;
      if (typeof name !== 'string') throw new MergeError('an entry of merge_how has no name');
      if (typeof settings !== 'string' && !isList(settings)) throw new MergeError('settings of merge_how are no list');
      const trimmed = name.replaceAll('-', '_').trim();
      return trimmed === '' ? [] : [[trimmed, settings]];
    }
    if (!isList(entry)) throw new MergeError('an entry of merge_how is neither a mapping nor a list');
    const [name, ...options] = entry;
    if (typeof name !== 'string') throw new MergeError('an entry of merge_how has no name');
    return name === '' ? [] : [[name, options]];
  });
}

/** mergers.string_extract_mergers: `list(append)+dict(recurse_list)+str()`. */
function parseMergerText(text: string): readonly ParsedMerger[] {
  return text.split('+').flatMap((part): ParsedMerger[] => {
    const name = part.toLowerCase().trim().replaceAll('-', '_');
    if (name === '') return [];
    const match = /^([a-z_][a-z0-9_]*)\((.*?)\)$/.exec(name);
    if (!match) throw new MergeError(`"${name}" of merge_how is not in the form name(options)`);
    const [, merger = '', options = ''] = match;
    return [[merger, options.split(',').map((option) => option.trim())]];
  });
}

/** mergers.construct: the first merger that knows the type of the value does the work. */
function mappingMerger(
  parsed: readonly ParsedMerger[],
): (value: CloudConfigMapping, mergeWith: CloudConfigMapping) => CloudConfigMapping {
  const mergers: Merger[] = parsed.map(([name, options]) => {
    const build = builders.get(name.startsWith('m_') ? name.slice(2) : name);
    if (!build) throw new MergeError(`merge_how names an unknown merger "${name}"`);
    return build(merge, options);
  });
  const onDict = mergers.find(({ dict }) => dict)?.dict;
  const onList = mergers.find(({ list }) => list)?.list;
  const onStr = mergers.find(({ str }) => str)?.str;

  function merge(value: PyYamlValue, mergeWith: Mergeable): PyYamlValue {
    if (typeof value === 'string') return onStr ? onStr(value, mergeWith) : value;
    if (isList(value)) return onList ? onList(value, mergeWith) : value;
    return isMapping(value) ? mergeMappings(value, mergeWith) : value;
  }
  function mergeMappings(value: CloudConfigMapping, mergeWith: Mergeable): CloudConfigMapping {
    return onDict ? onDict(value, mergeWith) : value;
  }
  return mergeMappings;
}

const builders: ReadonlyMap<string, (merge: Merge, options: Options) => Merger> = new Map([
  ['dict', dictMerger],
  ['list', listMerger],
  ['str', strMerger],
]);

function has(options: Options, ...words: readonly string[]): boolean {
  return words.some((word) => options.includes(word));
}

/** Types of new values into which a merger descends. */
function recursion(
  options: Options,
  always: { readonly dict?: boolean } = {},
): (value: PyYamlValue) => value is Mergeable {
  const lists = has(options, 'recurse_array', 'recurse_list');
  const texts = has(options, 'recurse_str');
  const mappings = always.dict ?? has(options, 'recurse_dict');
  return (value): value is Mergeable =>
    isList(value) ? lists : typeof value === 'string' ? texts : isMapping(value) && mappings;
}

/** mergers/m_dict.py. */
function dictMerger(merge: Merge, options: Options): Merger {
  const replaces = has(options, 'replace');
  const recurses = recursion(options, { dict: true });
  const deletes = has(options, 'allow_delete');
  return {
    dict(value, mergeWith) {
      if (!isMapping(mergeWith)) return value;
      const merged = new Map(Object.entries(value));
      for (const [key, added] of Object.entries(mergeWith)) {
        const present = merged.get(key);
        if (present === undefined) merged.set(key, added);
        else if (added === null && deletes) merged.delete(key);
        else if (replaces) merged.set(key, added);
        else if (recurses(added)) merged.set(key, merge(present, added));
      }
      return Object.fromEntries(merged);
    },
  };
}

/** mergers/m_list.py. */
function listMerger(merge: Merge, options: Options): Merger {
  const method = ['append', 'prepend', 'replace', 'no_replace'].find((name) => has(options, name)) ?? 'replace';
  const recurses = recursion(options);
  return {
    list(value, mergeWith) {
      if (method === 'replace' && !isList(mergeWith)) return mergeWith;
      if (method === 'prepend') return [...iterate(mergeWith), ...value];
      if (method === 'append') return [...value, ...iterate(mergeWith)];
      if (isMapping(mergeWith)) {
        // Python asks the mapping for the keys 0, 1, … as far as both are long.
        if (Math.min(value.length, Object.keys(mergeWith).length) === 0) return [...value];
        throw new MergeError('merge_how merges a list with a mapping');
      }
      const added = iterate(mergeWith);
      return value.map((present, index) => {
        const item = added[index];
        if (item === undefined || method === 'no_replace') return present;
        return recurses(item) ? merge(present, item) : item;
      });
    },
  };
}

/** mergers/m_str.py. */
function strMerger(_: Merge, options: Options): Merger {
  return {
    str(value, mergeWith) {
      if (!has(options, 'append')) return mergeWith;
      if (typeof mergeWith !== 'string') throw new MergeError('merge_how appends something else to a text');
      return value + mergeWith;
    },
  };
}

/** Python's iteration: over the keys of a mapping and the characters of a text. */
function iterate(value: Mergeable): readonly PyYamlValue[] {
  if (isList(value)) return value;
  return typeof value === 'string' ? [...value] : Object.keys(value);
}
