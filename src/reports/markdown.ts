import type { ImageReport, Report, Result, Severity, Verdict } from '../engine/model.ts';
import { liveFindings } from '../engine/verdict.ts';
import { runProblems } from './alerts.ts';
import { forMarkdown, forMarkdownCode } from './escape.ts';
import type { ReportOptions } from './index.ts';
import { plural } from './layout.ts';
import { findingsOf, severities } from './text/findings.ts';
import { suppressionsOf } from './text/other-results.ts';
import { placeOf } from './text/place.ts';
import { baselineText } from './text.ts';

const words: Readonly<Record<Verdict, string>> = { pass: '✅ pass', fail: '❌ fail', undecided: '❔ undecided' };
const headings: Readonly<Record<Severity, string>> = { error: 'Errors', warning: 'Warnings', info: 'Remarks' };
/** A page that GitHub cuts off in the middle would tell less. */
const shownPlaces = 5;

/** For the summary of a job, a pull request or a wiki. */
export function renderMarkdown(report: Report, { exitMeaning }: ReportOptions): string {
  const problems = runProblems(report.images, report.unscanned).map((text) => `- ${forMarkdown(text)}`);
  const warnings = (report.warnings ?? []).map((text) => `- ${forMarkdown(text)}`);
  const blocks = [
    `# ${words[report.verdict]}: ${report.tool.name}`,
    ...overview(report),
    ...section('## Problems of the run', problems),
    ...section('## Settings', warnings),
    ...report.images.flatMap(imageBlocks),
    `Exit code ${report.exitCode}: ${forMarkdown(exitMeaning)}.`,
  ];
  return `${blocks.join('\n\n')}\n`;
}

function section(heading: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [heading, lines.join('\n')];
}

function overview({ images }: Report): readonly string[] {
  if (images.length < 2) return [];
  const rows = images.map(({ label, verdict, counts }) => {
    const { error, warning, info, unknown } = counts;
    return `| ${forMarkdown(label)} | ${words[verdict]} | ${error} | ${warning} | ${info} | ${unknown} |`;
  });
  return [
    [
      '| Image | Verdict | Errors | Warnings | Remarks | Undecided |',
      '| --- | --- | ---: | ---: | ---: | ---: |',
      ...rows,
    ].join('\n'),
  ];
}

function imageBlocks(image: ImageReport): readonly string[] {
  const { counts, firstBoot, intent } = image;
  const system = image.system.distribution?.prettyName ?? image.system.distribution?.id ?? 'distribution not known';
  const unknown = image.results.filter(({ outcome, suppressed }) => outcome === 'unknown' && !suppressed);
  const accepted = suppressionsOf(image);
  return [
    `## ${forMarkdown(image.label)}: ${words[image.verdict]}`,
    `${forMarkdown(system)}, judged as ${intent.imageType} image for ${intent.storage}.`,
    ...(firstBoot ? [`**First boot:** ${forMarkdown(firstBoot.summary)}`] : []),
    ...(image.notices ?? []).map((notice) => `**Notice:** ${forMarkdown(notice)}`),
    ...severities.flatMap((severity) => severitySection(image, severity)),
    ...section(
      '### Undecided',
      unknown.map(
        ({ ruleId, severity, reason }) => `- ${forMarkdown(ruleId)} (${severity}): ${forMarkdown(reason ?? '')}`,
      ),
    ),
    ...section(
      '### Suppressed',
      accepted.map(({ ruleId, text, suppressed: { reason, expires } }) => {
        const until = expires === undefined ? '' : `, until ${expires}`;
        return `- ${forMarkdown(ruleId)}: ${forMarkdown(text)} (${forMarkdown(reason)}${until})`;
      }),
    ),
    `${plural(image.results.length, 'rule')} as of ${image.stats.judgedOn}: ${counts.pass} passed, ${counts.fail} failed, ` +
      `${counts.unknown} unknown, ${counts.notApplicable} not applicable, ${counts.skipped} skipped, ` +
      `${counts.suppressed} suppressed${image.baseline ? `; ${baselineText(image.baseline)}` : ''}.`,
  ];
}

function severitySection(image: ImageReport, severity: Severity): readonly string[] {
  const groups = findingsOf(image, severity);
  if (groups.length === 0) return [];
  return [`### ${headings[severity]}`, ...groups.map(({ result }) => ruleBlock(result, severity))];
}

function ruleBlock(result: Result, severity: Severity): string {
  const findings = liveFindings(result)
    .filter((finding) => finding.severity === severity)
    .flatMap(({ message, evidence }) => [
      `- ${forMarkdown(message)}`,
      ...evidence.slice(0, shownPlaces).map((place) => {
        const text = place.text?.trim();
        return `  - ${forMarkdownCode(placeOf(place))}${text ? `: ${forMarkdownCode(text)}` : ''}`;
      }),
      ...(evidence.length > shownPlaces ? [`  - and ${evidence.length - shownPlaces} more`] : []),
    ]);
  const fix = (result.fix ?? []).map((line) => `      ${line}`);
  return [
    `#### ${forMarkdown(result.ruleId)}`,
    '',
    ...findings,
    '',
    `Why: ${forMarkdown(result.rationale)}`,
    '',
    `Fix: ${forMarkdown(result.remediation)}`,
    ...(fix.length > 0 ? ['', ...fix] : []),
  ].join('\n');
}
