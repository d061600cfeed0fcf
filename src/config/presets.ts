import { didYouMean } from './did-you-mean.ts';
import { Mismatch } from './parse-setting.ts';
import type { Settings } from './settings.ts';

export interface Preset {
  /** One line of help. */
  readonly describe: string;
  readonly settings: Settings;
}

/** Settings that belong together, by the name that `extends` takes. */
export const presets: Readonly<Record<string, Preset>> = {
  'preflight:azure-gallery': {
    describe: 'a generalized image for an Azure Compute Gallery',
    settings: { imageType: 'generalized', storage: 'gallery' },
  },
  'preflight:azure-managed-image': {
    describe: 'a generalized image for a managed image, which cannot be specialized',
    settings: { imageType: 'generalized', storage: 'managed-image' },
  },
  'preflight:azure-specialized': {
    describe: 'a disk that boots as it is',
    settings: { imageType: 'specialized', storage: 'managed-disk' },
  },
  'preflight:azure-marketplace': {
    describe: 'an offer of the Azure Marketplace; a warning fails it',
    settings: { imageType: 'generalized', storage: 'gallery', profiles: ['marketplace'], failOn: 'warning' },
  },
  'preflight:azure-trusted-launch': {
    describe: 'a generalized image of generation 2 with Secure Boot and vTPM',
    settings: { imageType: 'generalized', storage: 'gallery', generation: 2, profiles: ['trusted-launch'] },
  },
};

const names = Object.keys(presets);

/**
 * The settings of the presets that the key `extends` names, one name or a list of them. A later one wins key by key;
 * profiles add up.
 *
 * @throws {Mismatch} for a preset that does not exist.
 */
export function parseExtends(value: unknown): Settings {
  const wanted: readonly unknown[] = Array.isArray(value) ? value : [value];
  return wanted.reduce<Settings>(
    (below, name, index) => extend(below, settingsOf(name, Array.isArray(value) ? [index] : [])),
    {},
  );
}

/** Settings over those of a preset. */
export function extend(below: Settings, above: Settings): Settings {
  const profiles = [...new Set([...(below.profiles ?? []), ...(above.profiles ?? [])])];
  return { ...below, ...above, ...(profiles.length > 0 && { profiles }) };
}

function settingsOf(name: unknown, path: readonly number[]): Settings {
  const preset = typeof name === 'string' ? presets[name] : undefined;
  if (preset) return preset.settings;
  const hint = typeof name === 'string' ? didYouMean(name, names) : '';
  throw new Mismatch(`expected one of ${names.join(', ')}, found ${JSON.stringify(name)}${hint}`, path);
}
