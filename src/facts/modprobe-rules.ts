import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { loadsNothing, parseModprobeConf } from '../formats/modprobe-conf.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { kernelCommandLine } from './kernel-command-line.ts';

/** Something that keeps a module from loading. */
export interface ModprobeBlock {
  /** With underscores. */
  readonly module: string;
  /**
   * `blacklist` stops what loads by alias: hardware, file systems. `install` stops every modprobe. `refused`: the kernel
   * takes the module from nobody.
   */
  readonly kind: 'blacklist' | 'install' | 'refused';
  /** Counts only until the root file system is mounted. */
  readonly onlyInInitramfs?: true;
  readonly evidence: Evidence;
}

export interface ModprobeRules {
  readonly blocks: readonly ModprobeBlock[];
  /** Files that could not be read and may block more. */
  readonly unread: readonly CouldNotRead[];
}

/** Where kmod looks, the first directory that has a name wins (`default_config_paths` of libkmod.c). */
export const MODPROBE_DIRECTORIES = [
  '/etc/modprobe.d',
  '/run/modprobe.d',
  '/usr/local/lib/modprobe.d',
  '/usr/lib/modprobe.d',
  '/lib/modprobe.d',
] as const;

const PARAMETERS: Readonly<Record<string, ModprobeBlock['kind']>> = {
  module_blacklist: 'refused',
  'modprobe.blacklist': 'blacklist',
  'rd.driver.blacklist': 'blacklist',
};

/** What modprobe and the kernel are told not to load. */
export const modprobeRules = defineFact<ModprobeRules>({
  id: 'modprobe-rules',
  description: 'Modules that modprobe.d or the kernel command line of the default boot entries keep from loading.',
  reads: [...MODPROBE_DIRECTORIES.map((directory) => `${directory}/*.conf`), ...kernelCommandLine.reads],
  async compute(context) {
    const { rootFs } = context;
    const { defaults } = await context.get(kernelCommandLine);
    const unread: CouldNotRead[] = [];
    const blocks = configurationFiles(rootFs).flatMap((path) => {
      const text = attempt(() => rootFs.readText(path));
      if (!isCouldNotRead(text)) return blocksIn(path, text ?? '');
      unread.push(text);
      return [];
    });
    const parameters = defaults.flatMap(({ parameters: words, evidence }) =>
      words.flatMap(({ name, value }) =>
        (value ?? '').split(',').flatMap((module): ModprobeBlock[] => {
          const kind = PARAMETERS[name];
          if (kind === undefined || module === '') return [];
          const early = name === 'rd.driver.blacklist' ? { onlyInInitramfs: true as const } : {};
          return [{ module: module.replaceAll('-', '_'), kind, ...early, evidence }];
        }),
      ),
    );
    return { blocks: [...blocks, ...parameters], unread };
  },
});

/** Blocks of one file of modprobe.d; `path` is where it lies, for the evidence. */
export function blocksIn(path: string, text: string): ModprobeBlock[] {
  return parseModprobeConf(text).directives.flatMap(({ keyword, name, rest, line, text: raw }): ModprobeBlock[] => {
    const evidence = { path, line, text: raw };
    if (keyword === 'blacklist') return [{ module: name, kind: 'blacklist', evidence }];
    return keyword === 'install' && loadsNothing(rest) ? [{ module: name, kind: 'install', evidence }] : [];
  });
}

function configurationFiles(rootFs: RootFs): string[] {
  const byName = new Map<string, string>();
  for (const directory of MODPROBE_DIRECTORIES) {
    if (rootFs.stat(directory)?.type !== 'directory') continue;
    for (const { name } of rootFs.readDir(directory) ?? []) {
      const isRead = /^[^.].*\.conf$/.test(name) && !byName.has(name);
      if (isRead && rootFs.stat(`${directory}/${name}`) !== undefined) byName.set(name, `${directory}/${name}`);
    }
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}
