import type { Report, Severity } from '../engine/model.ts';
import { alertsOf, runProblems } from './alerts.ts';
import { forTaskProperty, forTaskText, forTerminal } from './escape.ts';
import { verdictLines } from './github.ts';
import type { ReportOptions } from './index.ts';
import { placeOf } from './text/place.ts';

/** Azure Pipelines knows no weaker kind of issue than a warning; remarks are left to the summary. */
const types: Readonly<Record<Severity, 'error' | 'warning' | undefined>> = {
  error: 'error',
  warning: 'warning',
  info: undefined,
};

/** Logging commands of Azure Pipelines, an issue for each error and warning. */
export function renderAzure(report: Report, options: ReportOptions): string {
  const alerts = report.images.flatMap((image) =>
    alertsOf(image).flatMap(({ result, severity, message, place }) => {
      const type = types[severity];
      if (type === undefined) return [];
      const where = place ? ` (${placeOf(place)})` : '';
      const text = `${forTerminal(image.label)}: ${forTerminal(message)}${where}. ${result.remediation}`;
      return [`##vso[task.logissue type=${type};code=${forTaskProperty(result.ruleId)};]${forTaskText(text)}`];
    }),
  );
  const problems = runProblems(report.images, report.unscanned).map(
    (text) => `##vso[task.logissue type=error;]${forTaskText(forTerminal(text))}`,
  );
  return [...alerts, ...problems, ...verdictLines(report, options)].map((line) => `${line}\n`).join('');
}
