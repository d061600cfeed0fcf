import type { ReferenceData } from '../engine/host.ts';
import type { Generation, ImageType, Profile, Scenario, Severity, Storage } from '../engine/model.ts';
import type { SuppressionEntry } from '../engine/suppress.ts';

export type Level = Severity | 'off';
export type FailOnSetting = Severity | 'never';

/** What a user may set, by flag, environment or file. A missing key is not set. */
export interface Settings {
  readonly imageType?: ImageType;
  readonly storage?: Storage;
  readonly generation?: Generation | 'auto';
  readonly profiles?: readonly Profile[];
  readonly scenario?: Scenario;
  readonly intermediate?: boolean;
  readonly failOn?: FailOnSetting;
  readonly allowUnknown?: boolean;
  /** Volume of a disk that is the root, when it is not to be found by content. */
  readonly rootPartition?: string;
  readonly allowDirty?: boolean;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  /** Severity by rule id, or `off`. */
  readonly rules?: Readonly<Record<string, Level>>;
  readonly label?: string;
  /** Modules of further rules: packages, or paths from the folder of the file, or from the working directory. */
  readonly plugins?: readonly string[];
  /** Only by file. */
  readonly data?: ReferenceData;
  /** Only by file. */
  readonly suppressions?: readonly SuppressionEntry[];
}

/** Settings that flags and environment variables give too. */
export type SettingKey = Exclude<keyof Settings, 'data' | 'suppressions'>;

export interface SettingDescription {
  /** Name of the flag without `--`; a list is given by repeating it. */
  readonly flag: string;
  readonly environment: string;
  readonly kind: 'choice' | 'choices' | 'switch' | 'selection' | 'levels' | 'text';
  readonly choices?: readonly string[];
  readonly placeholder?: string;
  /** One line of help. */
  readonly describe: string;
}

/** Settings in the order of the help. Flags, environment variables, the configuration file and the documentation follow this table. */
export const settings: Readonly<Record<SettingKey, SettingDescription>> = {
  imageType: {
    flag: 'image-type',
    environment: 'VHD_PREFLIGHT_IMAGE_TYPE',
    kind: 'choice',
    choices: ['generalized', 'specialized'],
    describe: 'what the image is meant to be (default generalized; storage managed-disk implies specialized)',
  },
  storage: {
    flag: 'storage',
    environment: 'VHD_PREFLIGHT_STORAGE',
    kind: 'choice',
    choices: ['gallery', 'managed-image', 'managed-disk'],
    describe: 'what it becomes in Azure (default gallery)',
  },
  generation: {
    flag: 'generation',
    environment: 'VHD_PREFLIGHT_GENERATION',
    kind: 'choice',
    choices: ['1', '2', 'auto'],
    describe: 'generation of the VM (default auto: from the disk, else not judged)',
  },
  profiles: {
    flag: 'profile',
    environment: 'VHD_PREFLIGHT_PROFILE',
    kind: 'choices',
    choices: ['marketplace', 'trusted-launch', 'nvme', 'accelerated-networking'],
    describe: 'adds rules and raises severities; repeatable',
  },
  scenario: {
    flag: 'scenario',
    environment: 'VHD_PREFLIGHT_SCENARIO',
    kind: 'choice',
    choices: ['configured-vms', 'snapshot', 'identical-clones'],
    describe: 'what the image is for, when image type and storage do not say it',
  },
  intermediate: {
    flag: 'intermediate',
    environment: 'VHD_PREFLIGHT_INTERMEDIATE',
    kind: 'switch',
    describe: 'the file is converted to a VHD later: what its format lacks is advice',
  },
  failOn: {
    flag: 'fail-on',
    environment: 'VHD_PREFLIGHT_FAIL_ON',
    kind: 'choice',
    choices: ['error', 'warning', 'info', 'never'],
    describe: 'weakest finding that fails the image (default error)',
  },
  allowUnknown: {
    flag: 'allow-unknown',
    environment: 'VHD_PREFLIGHT_ALLOW_UNKNOWN',
    kind: 'switch',
    describe: 'pass although a rule of severity error could not be decided',
  },
  rootPartition: {
    flag: 'root-partition',
    environment: 'VHD_PREFLIGHT_ROOT_PARTITION',
    kind: 'text',
    placeholder: 'ID',
    describe: 'root of a disk with several: partition (2, p2), volume (vg/lv) or subvolume (p2:@/x)',
  },
  allowDirty: {
    flag: 'allow-dirty',
    environment: 'VHD_PREFLIGHT_ALLOW_DIRTY',
    kind: 'switch',
    describe: 'judge files of a file system that was not unmounted cleanly, which may be old or missing',
  },
  only: {
    flag: 'only',
    environment: 'VHD_PREFLIGHT_ONLY',
    kind: 'selection',
    placeholder: 'AREA|RULE',
    describe: 'run only these rules; repeatable',
  },
  skip: {
    flag: 'skip',
    environment: 'VHD_PREFLIGHT_SKIP',
    kind: 'selection',
    placeholder: 'AREA|RULE',
    describe: 'leave these rules out; repeatable',
  },
  rules: {
    flag: 'rule',
    environment: 'VHD_PREFLIGHT_RULE',
    kind: 'levels',
    placeholder: 'ID=LEVEL',
    choices: ['off', 'info', 'warning', 'error'],
    describe: 'severity of one rule (off, info, warning, error); repeatable',
  },
  label: {
    flag: 'label',
    environment: 'VHD_PREFLIGHT_LABEL',
    kind: 'text',
    placeholder: 'NAME',
    describe: 'short name of the image in reports (default: last part of its path)',
  },
  plugins: {
    flag: 'plugin',
    environment: 'VHD_PREFLIGHT_PLUGINS',
    kind: 'selection',
    placeholder: 'MODULE',
    describe: 'package or ./file with further rules, which runs with your rights; repeatable',
  },
};

export const settingKeys = Object.keys(settings) as readonly SettingKey[];

export function isSettingKey(key: string): key is SettingKey {
  return settingKeys.some((known) => known === key);
}

/** Environment variables beside those of the settings. */
export const otherEnvironment = {
  config: 'VHD_PREFLIGHT_CONFIG',
  debug: 'VHD_PREFLIGHT_DEBUG',
} as const;
