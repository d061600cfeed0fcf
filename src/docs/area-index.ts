import type { Rule } from '../engine/define.ts';
import { forMarkdown } from '../reports/escape.ts';
import { page, ruleLinks, table } from './markdown.ts';
import { appliesToText, areaOf, severityText } from './metadata-text.ts';

/** The table of all rules, grouped by area. */
export function areaIndex(rules: readonly Rule[]): string {
  const areas = [...new Set(rules.map(({ id }) => areaOf(id)))].sort();
  return page([
    '# Rules',
    `Every rule with its page, by area. A finding's severity may be weaker than the rule's.`,
    'Other ways in: [by test of LISA](lisa.md), [by distribution family](families.md).',
    ...areas.flatMap((area) => [`## ${area}`, rulesOf(area, rules)]),
  ]);
}

function rulesOf(area: string, rules: readonly Rule[]): string {
  const rows = rules
    .filter(({ id }) => areaOf(id) === area)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, title, severity, appliesTo }) => [
      ruleLinks([id]),
      forMarkdown(title),
      severityText(severity),
      appliesToText(appliesTo),
    ]);
  return table(['Rule', 'The good state', 'Severity', 'Applies to'], rows);
}
