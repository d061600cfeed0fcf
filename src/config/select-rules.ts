import type { Rule } from '../engine/define.ts';
import type { Severity } from '../engine/model.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Configuration } from './load.ts';
import { UsageError } from './usage-error.ts';

export interface SelectedRules {
  readonly rules: readonly Rule[];
  /** Ids of rules that the settings leave out. */
  readonly leftOut: readonly string[];
  readonly severities: ReadonlyMap<string, Severity>;
}

/**
 * Applies `only`, `skip` and the severities of single rules, and checks the names of suppressed ones.
 *
 * @throws {UsageError} for a rule or area that does not exist, or when no rule is left.
 */
export function selectRules(all: readonly Rule[], { settings, originOf }: Configuration): SelectedRules {
  const ids = all.map((rule) => rule.id);
  const areas = [...new Set(ids.map(areaOf))];
  for (const key of ['only', 'skip'] as const) {
    for (const [index, name] of (settings[key] ?? []).entries()) {
      if (ids.includes(name) || areas.includes(name)) continue;
      const hint = didYouMean(name, [...ids, ...areas]) || `; areas: ${areas.join(', ')}`;
      throw new UsageError(`${originOf(key, [index])}: no rule or area is called "${name}"${hint}`);
    }
  }
  const levels = settings.rules ?? {};
  for (const id of Object.keys(levels)) {
    if (ids.includes(id)) continue;
    throw new UsageError(`${originOf('rules', [id])}: no rule is called "${id}"${didYouMean(id, ids)}`);
  }

  for (const [index, { rule }] of (settings.suppressions ?? []).entries()) {
    if (ids.includes(rule) || areas.includes(rule)) continue;
    const place = originOf('suppressions', [index, 'rule']);
    throw new UsageError(`${place}: no rule or area is called "${rule}"${didYouMean(rule, [...ids, ...areas])}`);
  }

  const names = (rule: Rule, list: readonly string[]) => list.includes(rule.id) || list.includes(areaOf(rule.id));
  const { only, skip = [] } = settings;
  const kept = all.filter(
    (rule) => (only === undefined || names(rule, only)) && !names(rule, skip) && levels[rule.id] !== 'off',
  );
  if (kept.length === 0) throw new UsageError('no rule is left to run: look at only, skip and the rules that are off');
  const severities = Object.entries(levels).flatMap(([id, level]) => (level === 'off' ? [] : [[id, level] as const]));
  const isKept = new Set(kept.map(({ id }) => id));
  return {
    rules: kept,
    leftOut: ids.filter((id) => !isKept.has(id)),
    severities: new Map(severities),
  };
}

function areaOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}
