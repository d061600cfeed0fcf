import { type Configuration, loadConfiguration } from '../config/load.ts';
import type { Flags } from './flags.ts';
import type { CliIo } from './io.ts';
import type { PluginFile } from './plugins.ts';
import { listFlag, switchFlag, textFlag } from './read-flags.ts';

/** The plugins of the settings; few runs have one, and only they load what finds and loads them. */
export async function pluginsOf(
  configuration: Configuration,
  targets: readonly string[],
): Promise<readonly PluginFile[]> {
  if ((configuration.settings.plugins ?? []).length === 0) return [];
  const { findPlugins } = await import('./plugins.ts');
  return findPlugins(configuration, targets);
}

/** For commands that scan nothing: the plugins by flag, environment and file. */
export async function pluginsByFlags(flags: Flags, io: CliIo): Promise<readonly PluginFile[]> {
  const configFlag = textFlag(flags, 'config');
  const configuration = loadConfiguration({
    flags: { plugins: listFlag(flags, 'plugin') },
    environment: io.env,
    cwd: io.cwd,
    targets: [],
    ...(configFlag !== undefined && { configFlag }),
    noFile: switchFlag(flags, 'no-config') ?? false,
  });
  return pluginsOf(configuration, []);
}
