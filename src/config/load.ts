import { dirname, resolve } from 'node:path';
import { parseConfigFile } from './config-file.ts';
import { nearest } from './did-you-mean.ts';
import { discoverConfig, type Environment } from './discover.ts';
import { Mismatch, parseSetting } from './parse-setting.ts';
import {
  isSettingKey,
  otherEnvironment,
  type SettingDescription,
  type SettingKey,
  type Settings,
  settingKeys,
  settings,
} from './settings.ts';
import { UsageError } from './usage-error.ts';

/** Names where a setting was given: `--only`, `VHD_PREFLIGHT_ONLY`, `.vhd-preflight.yaml:3: only`. */
export type Origin = (key: keyof Settings, path?: readonly (string | number)[]) => string;

export interface Configuration {
  readonly settings: Settings;
  /** The configuration file in use, as shown to the user. */
  readonly file?: string;
  readonly originOf: Origin;
  /** Host folder from which relative paths in a setting count: that of the file, where the file gives the setting. */
  readonly folderOf: (key: SettingKey) => string;
  /** Sentences for the error stream. */
  readonly warnings: readonly string[];
}

export interface ConfigurationSources {
  /** Flags by setting; a flag that was not given is undefined. */
  readonly flags: Readonly<Partial<Record<SettingKey, unknown>>>;
  readonly environment: Environment;
  readonly cwd: string;
  /** Host paths of what will be scanned. */
  readonly targets: readonly string[];
  /** `--config`. */
  readonly configFlag?: string;
  /** `--no-config`: look for no file at all. */
  readonly noFile: boolean;
}

/**
 * Joins file, environment and flags; the later wins, key by key. The severities of single rules are joined rule by
 * rule, so that a flag can change one of them.
 *
 * @throws {UsageError} for a value that a setting does not take, naming where it was given.
 */
export function loadConfiguration(sources: ConfigurationSources): Configuration {
  const { environment: variables, cwd, targets } = sources;
  const found = sources.noFile ? undefined : discoverConfig(sources.configFlag, variables, cwd, targets);
  const file = found && parseConfigFile(found.path, found.text);
  const environment = parseLayer(fromEnvironment(variables), (key) => settings[key].environment);
  const flags = parseLayer(fromFlags(sources.flags), (key) => `--${settings[key].flag}`);
  const joined = over(over(file?.settings ?? {}, environment), flags);
  return {
    settings: joined,
    ...(file && { file: file.path }),
    folderOf: (key) =>
      file && flags[key] === undefined && environment[key] === undefined ? dirname(resolve(cwd, file.path)) : cwd,
    originOf: (key, path = []) => {
      const given = (layer: Settings) =>
        key === 'rules' ? path.some((id) => layer.rules?.[id] !== undefined) : layer[key] !== undefined;
      if (isSettingKey(key) && given(flags)) return `--${settings[key].flag}`;
      if (isSettingKey(key) && given(environment)) return settings[key].environment;
      return file ? `${file.path}:${file.lineOf([key, ...path])}: ${key}` : key;
    },
    warnings: misspeltVariables(variables),
  };
}

function over(below: Settings, above: Settings): Settings {
  return { ...below, ...above, rules: { ...below.rules, ...above.rules } };
}

type RawLayer = Readonly<Partial<Record<SettingKey, unknown>>>;

function parseLayer(layer: RawLayer, nameOf: (key: SettingKey) => string): Settings {
  return Object.fromEntries(
    settingKeys.flatMap((key) => {
      const value = layer[key];
      if (value === undefined) return [];
      try {
        return [[key, parseSetting(key, value)]];
      } catch (error) {
        if (error instanceof Mismatch) throw new UsageError(`${nameOf(key)}: ${error.message}`);
        throw error;
      }
    }),
  );
}

function fromFlags(flags: RawLayer): RawLayer {
  const rules = flags.rules;
  return Array.isArray(rules) ? { ...flags, rules: levelsFromWords(rules.map(String), '--rule') } : flags;
}

/** An empty variable counts as not set; lists are separated by commas. */
function fromEnvironment(environment: Environment): RawLayer {
  return Object.fromEntries(
    settingKeys.flatMap((key) => {
      const { environment: name, kind } = settings[key];
      const text = environment[name];
      return text === undefined || text === '' ? [] : [[key, fromText(text, kind, name)] as const];
    }),
  );
}

function fromText(text: string, kind: SettingDescription['kind'], name: string): unknown {
  const words = text.split(',').map((word) => word.trim());
  switch (kind) {
    case 'choices':
    case 'selection':
      return words;
    case 'levels':
      return levelsFromWords(words, name);
    case 'switch':
      return switchWords.get(text.toLowerCase()) ?? text;
    case 'choice':
    case 'text':
      return text;
  }
}

const switchWords: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

function levelsFromWords(words: readonly string[], source: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word) => {
      const [id, level, ...rest] = word.split('=');
      if (!id || !level || rest.length > 0) {
        throw new UsageError(`${source}: expected ID=LEVEL, such as agent/installed=warning, found "${word}"`);
      }
      return [id, level];
    }),
  );
}

const prefix = 'VHD_PREFLIGHT_';

/** A variable that nearly has one of our names says something that would silently not be heard. */
function misspeltVariables(environment: Environment): readonly string[] {
  const known = [...settingKeys.map((key) => settings[key].environment), ...Object.values(otherEnvironment)];
  const words = known.map((name) => name.slice(prefix.length));
  return Object.keys(environment)
    .filter((name) => name.startsWith(prefix) && !known.includes(name))
    .flatMap((name) => {
      const meant = nearest(name.slice(prefix.length), words);
      return meant === undefined
        ? []
        : [`the environment variable ${name} is unknown; did you mean ${prefix}${meant}?`];
    })
    .sort();
}
