import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { isMapping } from '../formats/cloud-config-merge.ts';
import { isList } from './cloud-config-value.ts';
import { type CloudConfig, type CloudConfigFile, type CloudConfigValue, cloudInit } from './cloud-init.ts';

/** One of the lists that say which modules run in which stage. */
export interface CloudInitModuleList {
  readonly key: 'cloud_init_modules' | 'cloud_config_modules' | 'cloud_final_modules';
  /** Names with hyphens written as underscores. */
  readonly names: readonly string[];
  /** The file and line that set the list last; undefined when no file sets it. */
  readonly origin?: Evidence;
  /** Names that an earlier file listed and the last one dropped. */
  readonly dropped: readonly string[];
}

export interface CloudInitModules {
  readonly lists: readonly CloudInitModuleList[];
  /** Items of module and data source lists that hold ` - `: two lines that a stray indentation made one. */
  readonly foldedItems: readonly { readonly text: string; readonly evidence: Evidence }[];
  /** True when any stage runs the module. */
  has(name: string): boolean;
}

const LIST_KEYS = ['cloud_init_modules', 'cloud_config_modules', 'cloud_final_modules'] as const;

/** Modules that cloud-init runs, by the merged configuration: `cloudinit/config/modules.py` Modules._read_modules. */
export const cloudInitModules = defineFact<CloudInitModules>({
  id: 'cloud-init-modules',
  description: 'The module lists of cloud-init after merging, and what a later file dropped from them.',
  reads: ['/etc/cloud/cloud.cfg', '/etc/cloud/cloud.cfg.d/*.cfg'],
  async compute(context) {
    return modulesOf((await context.get(cloudInit)).config);
  },
});

export function modulesOf(config: CloudConfig): CloudInitModules {
  const lists = LIST_KEYS.map((key): CloudInitModuleList => {
    const names = moduleNames(config.get(key));
    const earlier = config.files.flatMap((file) => (file.state === 'merged' ? moduleNames(file.content?.[key]) : []));
    const origin = config.origin(key);
    const dropped = [...new Set(earlier)].filter((name) => !names.includes(name));
    return { key, names, dropped, ...(origin && { origin }) };
  });
  const all = new Set(lists.flatMap((list) => list.names));
  return { lists, foldedItems: config.files.flatMap(foldedIn), has: (name) => all.has(name.replaceAll('-', '_')) };
}

function foldedIn(file: CloudConfigFile): CloudInitModules['foldedItems'] {
  return [...LIST_KEYS, 'datasource_list'].flatMap((key) => {
    const list = file.content?.[key];
    if (!isList(list)) return [];
    return list.flatMap((item, index) => {
      if (typeof item !== 'string' || !/\S\s+-\s+\S/.test(item)) return [];
      const line = file.lineOf([key, index]) ?? file.lineOf([key]);
      return [{ text: item, evidence: { path: file.path, ...(line !== undefined && { line }) } }];
    });
  });
}

/** An item is a name, `[name, frequency, …]`, or a mapping with `name`. */
function moduleNames(value: CloudConfigValue | undefined): readonly string[] {
  if (!isList(value)) return [];
  return value.flatMap((item) => {
    const name = isList(item) ? item[0] : isMapping(item) ? item['name'] : item;
    return typeof name === 'string' ? [name.trim().replaceAll('-', '_')] : [];
  });
}
