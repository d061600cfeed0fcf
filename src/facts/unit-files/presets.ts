import type { Evidence } from '../../engine/model.ts';
import { globMatcher } from '../../formats/glob-pattern.ts';
import { type PresetRule, parsePreset } from '../../formats/systemd-preset.ts';
import type { RootFs } from '../../image/root-fs.ts';
import { readUnitText } from './directories.ts';
import { instanceOf, templateOf } from './unit-name.ts';

/** What the presets say about a unit: the first rule that matches, and systemd's default of `enable`. */
export interface PresetDecision {
  readonly action: PresetRule['action'];
  /** Undefined for the default. */
  readonly evidence?: Evidence;
  /** Instances to enable of a template. */
  readonly instances?: readonly string[];
}

const DIRECTORIES = [
  '/etc/systemd/system-preset',
  '/run/systemd/system-preset',
  '/usr/local/lib/systemd/system-preset',
  '/usr/lib/systemd/system-preset',
  '/lib/systemd/system-preset',
] as const;

interface LocatedRule extends PresetRule {
  readonly path: string;
}

/** `read_presets` and `query_presets` of systemd's src/shared/install.c. */
export function readPresets(rootFs: RootFs): (name: string) => PresetDecision {
  const files = new Map<string, string>();
  for (const directory of DIRECTORIES) {
    if (rootFs.stat(directory)?.type !== 'directory') continue;
    for (const { name } of rootFs.readDir(directory) ?? []) {
      if (name.endsWith('.preset') && !files.has(name)) files.set(name, `${directory}/${name}`);
    }
  }
  const paths = [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  const rules = paths.flatMap((path) =>
    parsePreset(readUnitText(rootFs, path)).rules.map((rule): LocatedRule => ({ ...rule, path })),
  );

  return (name) => {
    const rule = rules.find((candidate) => matches(candidate, name));
    if (!rule) return { action: 'enable' };
    const evidence = { path: rule.path, line: rule.line, text: rule.text };
    return { action: rule.action, evidence, ...(rule.instances && { instances: rule.instances }) };
  };
}

function matches(rule: PresetRule, name: string): boolean {
  if (rule.instances && templateOf(name) === rule.pattern) {
    const instance = instanceOf(name);
    return instance === undefined || rule.instances.includes(instance);
  }
  return globMatcher(rule.pattern)(name);
}
