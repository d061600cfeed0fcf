import { didYouMean } from './did-you-mean.ts';
import { Mismatch, parseSetting } from './parse-setting.ts';
import { extend, parseExtends } from './presets.ts';
import { parseReferenceData } from './reference-data.ts';
import { type SettingKey, type Settings, settingKeys } from './settings.ts';
import { parseSuppressions } from './suppressions.ts';
import { UsageError } from './usage-error.ts';
import { parseYaml, type YamlDocument } from './yaml-lines.ts';

/** A configuration file's settings and where each key stands. */
export interface ConfigFile {
  /** As shown to the user. */
  readonly path: string;
  readonly settings: Settings;
  lineOf(path: readonly (string | number)[]): number;
}

/**
 * Reads the text of a configuration file.
 *
 * @throws {UsageError} naming file, line, key, what was expected and what was found.
 */
export function parseConfigFile(path: string, text: string): ConfigFile {
  const document = parseDocument(path, text);
  const { value } = document;
  if (value !== undefined && value !== null && (typeof value !== 'object' || Array.isArray(value))) {
    throw new UsageError(`${path}:1: expected keys with values, such as "imageType: generalized"`);
  }
  const found: Record<string, unknown> = {};
  for (const [key, content] of Object.entries(value ?? {})) {
    if (!isFileKey(key)) {
      throw new UsageError(
        `${path}:${document.lineOf([key])}: unknown key "${key}"${didYouMean(key, fileKeys) || `; known keys: ${fileKeys.join(', ')}`}`,
      );
    }
    found[key] = parseValue(path, document, key, content);
  }
  const { extends: below = {}, ...own } = found;
  // The value of `extends` is what `parseExtends` made of it.
  return { path, settings: extend(below as Settings, own), lineOf: document.lineOf };
}

function parseDocument(path: string, text: string): YamlDocument {
  try {
    return parseYaml(text);
  } catch (error) {
    const { reason, mark } = syntaxError(error);
    throw new UsageError(`${path}:${mark === undefined ? '' : `${mark + 1}:`} not valid YAML or JSON: ${reason}`);
  }
}

/** What js-yaml's exception says; anything else is a defect and goes on. */
function syntaxError(error: unknown): { readonly reason: string; readonly mark?: number } {
  if (!(error instanceof Error) || error.name !== 'YAMLException') throw error;
  const mark = 'mark' in error && typeof error.mark === 'object' && error.mark !== null ? error.mark : {};
  const line = 'line' in mark && typeof mark.line === 'number' ? mark.line : undefined;
  const reason = 'reason' in error ? String(error.reason) : error.message;
  return { reason, ...(line !== undefined && { mark: line }) };
}

function parseValue(path: string, document: YamlDocument, key: FileKey, content: unknown): unknown {
  try {
    if (key === 'data') return parseReferenceData(content);
    if (key === 'extends') return parseExtends(content);
    if (key === 'suppressions') return parseSuppressions(content);
    return parseSetting(key, content);
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    const place = [key, ...error.path];
    throw new UsageError(`${path}:${document.lineOf(place)}: ${place.join('.')}: ${error.message}`);
  }
}

type FileKey = SettingKey | keyof typeof fileOnly;

/** What no flag gives. */
export const fileOnly = {
  extends: 'preset, or list of presets, whose settings are taken where this file has none',
  suppressions: 'findings that are accepted: rule, reason, and optionally path, image, expires, owner',
  data: 'what you know better than the dated data of the program: endOfLife by release',
} as const;

const fileKeys: readonly FileKey[] = ['extends', ...settingKeys, 'suppressions', 'data'];

function isFileKey(key: string): key is FileKey {
  return fileKeys.some((known) => known === key);
}
