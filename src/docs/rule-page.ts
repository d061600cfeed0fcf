import type { AppliesTo, Rule, SeverityByProfile } from '../engine/define.ts';
import { forMarkdown, forMarkdownCode } from '../reports/escape.ts';
import { type Example, findingsOf } from './example.ts';

/** More examples do not make a page clearer. */
const shownExamples = 6;

/** The documentation page of a rule, from its metadata, what its facts read, and its cases. */
export function rulePage(rule: Rule, examples: readonly Example[]): string {
  const lookalikes = examples.filter((example) => example.lookalike).map(({ name }) => name);
  const findings = [...new Set(examples.flatMap(findingsOf))].slice(0, shownExamples);
  const facts = Object.values(rule.facts);
  const sections = [
    `# ${rule.id}`,
    `${sentence(rule.title)}`,
    bullets([
      `Severity: ${severityText(rule.severity)}`,
      `Applies to: ${appliesToText(rule.appliesTo)}`,
      `Needs: ${rule.needs.join(', ') || 'nothing in particular'}`,
    ]),
    '## Why it matters',
    sentence(rule.rationale),
    '## Evidence looked at',
    bullets(
      facts.map(
        ({ description, reads }) =>
          `${description}${reads.length > 0 ? ` Reads ${reads.map(forMarkdownCode).join(', ')}` : ''}`,
      ),
    ),
    '## Fix',
    sentence(rule.remediation),
    ...(rule.fix ? [codeBlock('sh', rule.fix)] : []),
    ...(findings.length > 0 ? ['## Findings look like this', codeBlock('text', findings)] : []),
    ...(lookalikes.length > 0 ? ['## Looks similar and is fine', bullets(lookalikes.map(forMarkdown))] : []),
    '## Sources',
    bullets(rule.references.map((url) => `<${url}>`)),
    ...(rule.lisa.length > 0
      ? ['## Predicts these tests of LISA', bullets(rule.lisa.map((name) => forMarkdownCode(name)))]
      : []),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** The table of all rules, grouped by area. */
export function rulesIndex(rules: readonly Rule[]): string {
  const areas = [...new Set(rules.map(areaOf))].sort();
  const sections = areas.map((area) => {
    const rows = rules
      .filter((rule) => areaOf(rule) === area)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id, title, severity, appliesTo }) => {
        const cells = [`[${id}](${id}.md)`, forMarkdown(title), severityText(severity), appliesToText(appliesTo)];
        return `| ${cells.join(' | ')} |`;
      });
    return `## ${area}\n\n| Rule | The good state | Severity | Applies to |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
  });
  return `# Rules\n\nEvery rule with its page. A finding's severity may be weaker than the rule's.\n\n${sections.join('\n\n')}\n`;
}

export function severityText(severity: SeverityByProfile): string {
  if (typeof severity === 'string') return severity;
  const { base, ...profiles } = severity;
  const raised = Object.entries(profiles)
    .filter(([, level]) => level !== base)
    .map(([profile, level]) => `${level} with profile ${profile}`);
  return [base, ...raised].join(', ');
}

export function appliesToText(appliesTo: AppliesTo): string {
  const { imageTypes, storages, generations, profiles, families, architectures } = appliesTo;
  const parts = [
    imageTypes && `${imageTypes.join(' and ')} images`,
    storages && `storage ${storages.join(', ')}`,
    generations && `generation ${generations.join(' and ')}`,
    profiles && `profile ${profiles.join(', ')}`,
    families && `distributions of family ${families.join(', ')}`,
    architectures && `architecture ${architectures.join(', ')}`,
  ];
  return parts.filter((part) => part !== undefined).join('; ') || 'every image';
}

function areaOf({ id }: Rule): string {
  return id.slice(0, id.indexOf('/'));
}

/** Authors write plain text, with or without the full stop. */
function sentence(text: string): string {
  return forMarkdown(/[.!?]$/.test(text) ? text : `${text}.`);
}

function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

function codeBlock(language: string, lines: readonly string[]): string {
  return `\`\`\`${language}\n${lines.join('\n')}\n\`\`\``;
}
