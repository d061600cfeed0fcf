import type { Finding, ImageReport, Result, Severity } from '../../engine/model.ts';
import { liveFindings } from '../../engine/verdict.ts';
import { forTerminal } from '../escape.ts';
import type { ReportOptions } from '../index.ts';
import { hanging, plural } from '../layout.ts';
import type { Palette } from '../palette.ts';
import { evidenceLines, placeOf } from './place.ts';

export const severities = ['error', 'warning', 'info'] as const satisfies readonly Severity[];

const headings: Readonly<Record<Severity, (count: number) => string>> = {
  error: (count) => plural(count, 'error'),
  warning: (count) => plural(count, 'warning'),
  info: (count) => plural(count, 'remark'),
};

interface Group {
  readonly result: Result;
  readonly findings: readonly Finding[];
  /** Why and fix have been told with a stronger finding of the same rule. */
  readonly toldBefore: boolean;
}

/** Live findings by severity, those of one rule together. */
export function findingsOf(image: ImageReport, severity: Severity): readonly Group[] {
  return image.results
    .filter((result) => result.outcome === 'fail')
    .flatMap((result) => {
      const findings = liveFindings(result).filter((finding) => finding.severity === severity);
      return findings.length === 0 ? [] : [{ result, findings, toldBefore: result.severity !== severity }];
    });
}

/** One section for each severity, each rule with its findings, the reason why it matters, and the fix. */
export function findingSections(image: ImageReport, options: ReportOptions, palette: Palette): readonly string[] {
  return severities.flatMap((severity) => {
    const groups = findingsOf(image, severity);
    if (groups.length === 0) return [];
    const count = groups.reduce((sum, { findings }) => sum + findings.length, 0);
    return [
      '',
      palette.bold(palette[severity](headings[severity](count))),
      ...groups.flatMap((group) => groupLines(group, severity, options, palette)),
    ];
  });
}

function groupLines(group: Group, severity: Severity, options: ReportOptions, palette: Palette): readonly string[] {
  const { result, findings, toldBefore } = group;
  const { columns } = options;
  const lines = ['', `  ${palette[severity](severity)}  ${palette.bold(forTerminal(result.ruleId))}`];
  for (const { message, evidence } of findings) {
    lines.push(hanging('    ', forTerminal(message), columns), ...evidenceLines(evidence, '      ', columns, palette));
  }
  if (toldBefore) return [...lines, palette.dim('    (why and fix: see this rule above)')];
  if (result.reason) lines.push(hanging('    Note  ', forTerminal(result.reason), columns));
  lines.push(hanging('    Why   ', forTerminal(result.rationale), columns));
  lines.push(hanging('    Fix   ', forTerminal(result.remediation), columns));
  for (const command of result.fix ?? []) lines.push(`          ${palette.dim('$')} ${forTerminal(command)}`);
  return lines;
}

/** For the quiet report: one line a finding. */
export function findingSummaries(image: ImageReport, palette: Palette): readonly string[] {
  return severities.flatMap((severity) =>
    findingsOf(image, severity).flatMap(({ result, findings }) =>
      findings.map(({ message, evidence: [first] }) => {
        const place = first ? ` (${placeOf(first)})` : '';
        return `${palette[severity](severity)}  ${forTerminal(result.ruleId)}: ${forTerminal(message)}${place}`;
      }),
    ),
  );
}
