import type { Rule } from '../engine/define.ts';
import { forMarkdown, forMarkdownCode } from '../reports/escape.ts';
import { type Example, findingsOf } from './example.ts';
import { fixLines } from './fix-lines.ts';
import { bullets, codeBlock, page, sentence } from './markdown.ts';
import { appliesToText, severityText } from './metadata-text.ts';

/** More examples do not make a page clearer. */
const shownExamples = 6;

/** The documentation page of a rule, from its metadata, what its facts read, and its cases. */
export function rulePage(rule: Rule, examples: readonly Example[]): string {
  const lookalikes = examples.filter((example) => example.lookalike).map(({ name }) => name);
  const findings = [...new Set(examples.flatMap(findingsOf))].slice(0, shownExamples);
  return page([
    `# ${rule.id}`,
    sentence(rule.title),
    bullets([
      `Severity: ${severityText(rule.severity)}`,
      `Applies to: ${appliesToText(rule.appliesTo)}`,
      `Needs: ${rule.needs.join(', ') || 'nothing in particular'}`,
    ]),
    '## What breaks, and on which boot',
    sentence(rule.rationale),
    '## Evidence looked at',
    evidenceLookedAt(rule),
    '## Fix',
    sentence(rule.remediation),
    ...fixLines(rule),
    ...section('Findings look like this', findings, (lines) => codeBlock('text', lines)),
    ...section('Looks similar and is fine', lookalikes, (names) => bullets(names.map(forMarkdown))),
    ...section('Sources', [...(rule.url === undefined ? [] : [rule.url]), ...rule.references], (urls) =>
      bullets(urls.map((url) => `<${url}>`)),
    ),
    ...section('Predicts these tests of LISA', rule.lisa, (names) =>
      bullets(names.map((name) => `[${forMarkdownCode(name)}](../lisa.md)`)),
    ),
  ]);
}

/** Some rules judge only what the user declared. */
function evidenceLookedAt(rule: Rule): string {
  const facts = Object.values(rule.facts);
  if (facts.length === 0) return 'Nothing inside the image: what you declare about it decides.';
  return bullets(
    facts.map(({ description, reads }) => {
      const files = reads.length > 0 ? ` Reads ${reads.map(forMarkdownCode).join(', ')}` : '';
      return `${description}${files}`;
    }),
  );
}

function section(
  heading: string,
  items: readonly string[],
  body: (items: readonly string[]) => string,
): readonly string[] {
  return items.length > 0 ? [`## ${heading}`, body(items)] : [];
}
