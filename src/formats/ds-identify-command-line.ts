import { isAtLeast, parseYamlArray, type ScanDialect, shellWords } from './ds-identify-scan.ts';

/** What ds-identify takes from the kernel command line. */
export interface CommandLineSettings {
  readonly datasource?: string;
  readonly policy?: string;
}

/** read_config: `ds=` counts since 23.2, and what follows a semicolon is cut since then. */
export function readCommandLine(text: string, version: readonly number[] | undefined): CommandLineSettings {
  const settings: { -readonly [K in keyof CommandLineSettings]: CommandLineSettings[K] } = {};
  const since = (wanted: readonly number[]) => version === undefined || isAtLeast(version, wanted);
  for (const word of shellWords(text)) {
    const equals = word.indexOf('=');
    const key = equals === -1 ? word : word.slice(0, equals);
    let value = equals === -1 ? word : word.slice(equals + 1);
    if (since([23, 2, 2])) value = value.replace(/;.*$/s, '');
    else if (since([23, 2])) value = value.replace(/;[^;]*$/, '');
    if (key === 'ci.ds' || key === 'ci.datasource' || (key === 'ds' && since([23, 2]))) settings.datasource = value;
    if (key === 'ci.di.policy') settings.policy = value;
  }
  return settings;
}

/** `cc: datasource_list: [ … ]` on the command line. */
export function listFromCommandLine(text: string, dialect: ScanDialect): readonly string[] | undefined {
  const start = text.indexOf('cc:');
  const key = text.lastIndexOf('datasource_list');
  if (start === -1 || key < start + 3) return undefined;
  const value = text.slice(key + 'datasource_list'.length).split(']', 1)[0] ?? '';
  const list = parseYamlArray(value.slice(value.lastIndexOf('[') + 1), dialect);
  return list === '' ? undefined : shellWords(list);
}

/** Up to 23.1 `ds=nocloud` only makes the probe for NoCloud succeed, which then comes before Azure in most lists. */
export function forcesNoCloud(commandLine: string, version: readonly number[] | undefined): boolean {
  const old = version !== undefined && !isAtLeast(version, [23, 2]);
  return old && / ds=nocloud/.test(` ${commandLine}`);
}
