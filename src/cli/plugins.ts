import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Configuration } from '../config/load.ts';
import { UsageError } from '../config/usage-error.ts';
import type { Fact, Rule } from '../engine/define.ts';
import { acceptPlugin, type OwnNames, type Plugin } from '../engine/plugin.ts';
import { systemErrorCode } from '../host/system-error.ts';
import * as api from '../rule-api.ts';
import type { ImportModule } from './io.ts';

/** A plugin of the settings, found on the host. */
export interface PluginFile {
  /** Absolute, without links. */
  readonly path: string;
  /** Where it was named, for messages: `--plugin`, `.vhd-preflight.yaml:3: plugins`. */
  readonly origin: string;
}

/**
 * The files of the plugins that the settings name. Nothing is loaded yet.
 *
 * @param targets Host paths of what is scanned: an image must not bring rules along for itself.
 * @throws {UsageError} for one that is not there, or that lies in a target
 */
export function findPlugins(configuration: Configuration, targets: readonly string[]): readonly PluginFile[] {
  const folder = configuration.folderOf('plugins');
  const images = targets.map(realPathOf).filter((path) => path !== undefined);
  return (configuration.settings.plugins ?? []).map((name, index) => {
    const origin = configuration.originOf('plugins', [index]);
    const path = resolvePlugin(name, folder, origin);
    if (images.some((image) => path.startsWith(image === sep ? sep : `${image}${sep}`)))
      throw new UsageError(`${origin}: ${path} lies in the image that is scanned, of which nothing is run`);
    return { path, origin };
  });
}

function resolvePlugin(name: string, folder: string, origin: string): string {
  const missing = () => {
    const hint = /^[./]/.test(name) ? '' : '; a file is written with ./ in front';
    return new UsageError(`${origin}: no plugin "${name}" is found from ${folder}${hint}`);
  };
  let path: string;
  try {
    path = createRequire(join(folder, 'plugins')).resolve(name);
  } catch (error) {
    if (systemErrorCode(error) !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw missing();
    throw new UsageError(`${origin}: the package "${name}" has no default entry in "exports" of its package.json`);
  }
  // Modules of Node itself have no path.
  if (!isAbsolute(path)) throw missing();
  return realpathSync(path);
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    // A target that does not exist is complained about when it is opened.
    return undefined;
  }
}

/**
 * Loads plugins and gives their rules.
 *
 * @throws {UsageError} naming the plugin and what is wrong: it cannot be loaded, is none, or is not for this program
 */
export async function loadPlugins(
  files: readonly PluginFile[],
  builtIn: readonly Rule[],
  importModule: ImportModule,
): Promise<readonly Rule[]> {
  const own = ownNames(builtIn);
  const plugins: Plugin[] = [];
  for (const { path, origin } of files) {
    const plugin = await loadPlugin(path, origin, { own, importModule });
    if (typeof plugin === 'string') throw new UsageError(`${origin}: ${path}: ${plugin}`);
    if (plugins.some(({ name }) => name === plugin.name))
      throw new UsageError(`${origin}: ${path}: another plugin has the name "${plugin.name}", too`);
    plugins.push(plugin);
  }
  return plugins.flatMap(({ rules }) => rules);
}

async function loadPlugin(
  path: string,
  origin: string,
  { own, importModule }: { readonly own: OwnNames; readonly importModule: ImportModule },
): Promise<Plugin | string> {
  try {
    const module = await importModule(pathToFileURL(path).href);
    // What is no ES module has all of its exports as the default one.
    const exported = typeof module === 'object' && module !== null && 'default' in module ? module.default : module;
    return acceptPlugin(exported, own);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${origin}: ${path} cannot be loaded: ${message}`);
  }
}

function ownNames(rules: readonly Rule[]): OwnNames {
  const isFact = (value: unknown): value is Fact<unknown> =>
    typeof value === 'object' && value !== null && 'compute' in value && 'id' in value;
  const exported: readonly unknown[] = Object.values(api);
  return {
    areas: new Set(rules.map(({ id }) => id.slice(0, id.indexOf('/')))),
    facts: new Map(exported.filter(isFact).map((fact) => [fact.id, fact])),
  };
}
