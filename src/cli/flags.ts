import type { Options } from 'yargs';
import { type SettingKey, settingKeys, settings } from '../config/settings.ts';
import { formats } from '../reports/index.ts';

const checkSpecificFlags = {
  format: {
    type: 'string',
    describe: `format of the report on standard output: ${formats.join(', ')} (default text)`,
    group: 'Reports:',
  },
  output: { type: 'string', describe: 'FILE that takes the report instead', group: 'Reports:' },
  report: {
    type: 'string',
    array: true,
    describe: 'FORMAT=FILE, one more report to a file; repeatable',
    group: 'Reports:',
  },
  'sarif-anchor': {
    type: 'string',
    describe: 'FILE of the repository on which sarif, github and gitlab put all alerts, such as the Packer template',
    group: 'Reports:',
  },
  'sarif-full': {
    type: 'boolean',
    describe: 'sarif also has what passed, did not apply or is suppressed',
    group: 'Reports:',
  },
  'fix-script': {
    type: 'string',
    describe: 'FILE that takes the fixes as a shell script to review and to run in the image',
    group: 'Reports:',
  },
  baseline: { type: 'string', describe: 'FILE of findings that are known and do not count', group: 'Reports:' },
  'write-baseline': { type: 'string', describe: 'FILE that takes the findings of this run', group: 'Reports:' },
  'prune-baseline': {
    type: 'boolean',
    describe: 'take out of the --baseline file what the images no longer have',
    group: 'Reports:',
  },
  quiet: { type: 'boolean', describe: 'findings and verdict only', group: 'Reports:' },
  verbose: { type: 'boolean', describe: 'also what passed and what did not apply', group: 'Reports:' },
  'no-color': { type: 'boolean', describe: 'no colours (also: NO_COLOR, FORCE_COLOR)', group: 'Reports:' },
  config: { type: 'string', describe: 'configuration FILE (default: nearest .vhd-preflight.yaml)', group: 'Settings:' },
  'print-config': { type: 'boolean', describe: 'print the settings, and where each comes from', group: 'Settings:' },
  'no-config': { type: 'boolean', describe: 'read no configuration file', group: 'Settings:' },
  'packer-manifest': {
    type: 'string',
    describe: 'FILE of the manifest post-processor: also check the disks of the running Packer build',
    group: 'Settings:',
  },
  shard: { type: 'string', describe: 'I/N: only every N-th target, from the I-th on', group: 'Settings:' },
  jobs: { type: 'string', describe: 'NUMBER of images at a time (default: the processors)', group: 'Settings:' },
  timeout: { type: 'string', describe: 'SECONDS after which an image counts as not scanned', group: 'Settings:' },
} as const satisfies Readonly<Record<string, Options>>;

function settingFlag(key: SettingKey): Options {
  const { kind, choices, placeholder, describe } = settings[key];
  const shown = placeholder ?? (kind === 'switch' ? undefined : choices?.join('|'));
  return {
    ...(kind === 'switch' ? { type: 'boolean' } : { type: 'string' }),
    ...(['choices', 'selection', 'levels'].includes(kind) && { array: true }),
    describe: shown === undefined ? describe : `${shown}: ${describe}`,
    group: 'Settings:',
  };
}

/** Flags of `check`, those of the settings first. */
export const checkFlags: Readonly<Record<string, Options>> = {
  ...Object.fromEntries(settingKeys.map((key) => [settings[key].flag, settingFlag(key)])),
  ...checkSpecificFlags,
};

/** Flags as yargs hands them over. */
export type Flags = Readonly<Record<string, unknown>>;

const noColour = { type: 'boolean', describe: 'no colours (also: NO_COLOR, FORCE_COLOR)' } as const satisfies Options;

/** By which plugins are found; the rest of the settings does not change what a rule is about. */
const pluginFlags = {
  plugin: settingFlag('plugins'),
  config: { type: 'string', describe: 'configuration FILE that names plugins (default: nearest .vhd-preflight.yaml)' },
  'no-config': { type: 'boolean', describe: 'read no configuration file' },
} as const satisfies Readonly<Record<string, Options>>;

export const rulesFlags = {
  format: { type: 'string', describe: 'text, json or markdown (default text)' },
  write: { type: 'string', describe: 'DIR that takes one page for each rule, and an index' },
  check: { type: 'string', describe: 'DIR whose pages are compared with those that --write would write' },
  ...pluginFlags,
  'no-color': noColour,
} as const satisfies Readonly<Record<string, Options>>;

export const explainFlags = { ...pluginFlags, 'no-color': noColour } as const satisfies Readonly<
  Record<string, Options>
>;

const diskFlags = {
  'root-partition': { type: 'string', describe: `ID: ${settings.rootPartition.describe}` },
  'allow-dirty': { type: 'boolean', describe: 'read a file system that was not unmounted cleanly all the same' },
} as const satisfies Readonly<Record<string, Options>>;

export const inspectFlags = {
  format: { type: 'string', describe: 'text or json (default text)' },
  ...diskFlags,
  'no-color': noColour,
} as const satisfies Readonly<Record<string, Options>>;

const fileFlags = {
  volume: {
    type: 'string',
    describe: 'ID: files of one volume of a disk instead of the whole root: 2, p2, vg/lv, p2:@/x',
  },
  ...diskFlags,
} as const satisfies Readonly<Record<string, Options>>;

export const lsFlags = {
  recursive: { type: 'boolean', describe: 'everything below' },
  hash: { type: 'boolean', describe: 'SHA-256 of the contents of each file' },
  format: { type: 'string', describe: 'text, or json with one object a line (default text)' },
  ...fileFlags,
} as const satisfies Readonly<Record<string, Options>>;

export const catFlags = {
  raw: { type: 'boolean', describe: 'write control characters to a terminal as they are' },
  ...fileFlags,
} as const satisfies Readonly<Record<string, Options>>;
