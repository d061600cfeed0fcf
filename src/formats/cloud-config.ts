import { type CloudConfigMapping, isMapping, mergeManyMappings } from './cloud-config-merge.ts';
import { type PyYamlPath, type PyYamlValue, parsePyYaml } from './pyyaml.ts';

/** Plain data as PyYAML's safe_load gives it. Dates arrive as `Date`. */
export type CloudConfigValue = PyYamlValue;

/** One configuration file and what became of it. */
export interface CloudConfigFile {
  readonly path: string;
  /** `ignored`: cloud-init throws the whole file away, for `problem`. `template`: Jinja, rendered only on the VM. */
  readonly state: 'merged' | 'ignored' | 'template' | 'empty';
  readonly problem?: { readonly line: number; readonly message: string };
  /** The file's own content, before merging. */
  readonly content?: { readonly [key: string]: CloudConfigValue };
  /** Line of a key path in this file, counted from 1. */
  lineOf(path: readonly (string | number)[]): number | undefined;
}

/** The merge of cloud.cfg and its drop-ins; an error is an exception that ends cloud-init. */
export interface CloudConfigMerge {
  readonly merged: CloudConfigMapping;
  readonly error?: string;
}

/**
 * One file as cloudinit/util.py read_conf and load_yaml take it: a text that is no YAML mapping counts for nothing.
 * `limit` says which cap of this reader kept the file from being read.
 */
export function readCloudConfigFile(
  path: string,
  text: string,
): CloudConfigFile | { readonly path: string; readonly limit: string } {
  const template = /^##\s*template:\s*jinja\s*$/i.test(text.split('\n', 1)[0] ?? '');
  const document = parsePyYaml(text);
  const nowhere = () => undefined;
  if ('error' in document) {
    const { line, message, limit } = document.error;
    if (limit) return { path, limit: `line ${line}: ${message}` };
    return { path, state: template ? 'template' : 'ignored', problem: { line, message }, lineOf: nowhere };
  }
  const { value, lineOf } = document;
  if (value === null) return { path, state: template ? 'template' : 'empty', content: {}, lineOf: nowhere };
  if (!isMapping(value)) {
    const problem = { line: lineOf([]) ?? 1, message: 'the file is no mapping of keys to values' };
    return { path, state: 'ignored', problem, lineOf: nowhere };
  }
  return { path, state: template ? 'template' : 'merged', content: value, lineOf };
}

/**
 * cloudinit/util.py read_conf_with_confd: the drop-ins, given in the order of their names, merge among themselves from
 * the last to the first, and cloud.cfg then fills up what they leave open.
 */
export function mergeCloudConfig(
  main: CloudConfigFile | undefined,
  dropIns: readonly CloudConfigFile[],
): CloudConfigMerge {
  const fromDropIns = mergeManyMappings(dropIns.toReversed().map(({ content }) => content ?? {}));
  if ('error' in fromDropIns) return { merged: {}, error: fromDropIns.error };
  const all = mergeManyMappings([fromDropIns.value, main?.content ?? {}]);
  return 'error' in all ? { merged: {}, error: all.error } : { merged: all.value };
}

/** Value at a path of keys and list positions; undefined when nothing is there. */
export function valueAt(value: CloudConfigValue | undefined, path: PyYamlPath): CloudConfigValue | undefined {
  let current = value;
  for (const step of path) {
    if (Array.isArray(current)) current = typeof step === 'number' ? (current as CloudConfigValue[])[step] : undefined;
    else current = isMapping(current) && Object.hasOwn(current, step) ? current[String(step)] : undefined;
  }
  return current;
}

/**
 * The file that set a path of the merge: among those that mention the path, in the order of priority, the first whose
 * value came through.
 */
export function originOf(
  path: PyYamlPath,
  merged: CloudConfigMapping,
  filesByPriority: readonly CloudConfigFile[],
): CloudConfigFile | undefined {
  const value = valueAt(merged, path);
  if (value === undefined) return undefined;
  const mentioning = filesByPriority.filter(({ content }) => valueAt(content, path) !== undefined);
  const same = mentioning.find(({ content }) => {
    const own = valueAt(content, path);
    return own === value || (isMapping(own) && isMapping(value)) || JSON.stringify(own) === JSON.stringify(value);
  });
  return same ?? mentioning[0];
}
