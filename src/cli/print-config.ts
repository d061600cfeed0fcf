import { dump } from 'js-yaml';
import type { Configuration } from '../config/load.ts';
import { isSettingKey, type Settings } from '../config/settings.ts';

/** The settings of a run as a configuration file that would give the same, each with where it comes from. */
export function printConfig({ settings, file, originOf }: Configuration): string {
  const lines = Object.entries(settings).flatMap(([key, value]: readonly [string, unknown]) => {
    if (value === undefined || (key === 'rules' && Object.keys(settings.rules ?? {}).length === 0)) return [];
    return [`# ${origin(key)}\n${dump({ [key]: value })}`];
  });
  const head = file === undefined ? '# no configuration file' : `# configuration file: ${file}`;
  return `${[head, ...(lines.length === 0 ? ['# every setting has its default'] : [])].join('\n')}\n${lines.join('')}`;

  function origin(key: string): string {
    const path = key === 'rules' ? [Object.keys(settings.rules ?? {})[0] ?? ''] : [];
    // Keys of the settings are all that the object has.
    return isSettingKey(key) ? originOf(key, path) : originOf(key as keyof Settings);
  }
}
