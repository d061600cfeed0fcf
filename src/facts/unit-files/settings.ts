import type { UnitSetting } from '../unit-files.ts';
import type { UnitDirectories } from './directories.ts';

/** Keys that an empty value does not reset: dependencies only ever add up. */
const ADDITIVE = new Set([
  'After',
  'Before',
  'BindsTo',
  'BoundBy',
  'Conflicts',
  'OnFailure',
  'OnSuccess',
  'PartOf',
  'PropagatesReloadTo',
  'ReloadPropagatedFrom',
  'RequiredBy',
  'Requires',
  'Requisite',
  'UpheldBy',
  'Upholds',
  'WantedBy',
  'Wants',
]);

/** Settings of the files in order, with an empty value resetting what stood before it. */
export function mergeSettings(directories: UnitDirectories, files: readonly string[]): UnitSetting[] {
  let settings: UnitSetting[] = [];
  for (const path of files) {
    const { assignments } = directories.read(path);
    for (const { section, key, value, line, text } of assignments) {
      if (value === '') {
        if (!ADDITIVE.has(key) || section === 'Install')
          settings = settings.filter((setting) => !isReset(setting, section, key));
        continue;
      }
      settings.push({ section, key, value, evidence: { path, line, text } });
    }
  }
  return settings;
}

/** An empty condition resets the conditions of every kind, as an empty assertion does for assertions. */
function isReset(setting: UnitSetting, section: string, key: string): boolean {
  if (setting.section !== section) return false;
  const group = /^(Condition|Assert)/.exec(key)?.[1];
  return group === undefined ? setting.key === key : setting.key.startsWith(group);
}
